import { isObject, parseSafeJson, type FileMark, type ProjectMarks } from '@sluice/intake';

const named = (name: string, names: string): FileMark => ({ name, path: new RegExp(`(?:^|/)(?:${names})$`) });
const config = '\\.(?:config\\.)?(?:json|ya?ml|[cm]?[jt]s)';

/** Signs of JavaScript's tools and frameworks. */
export const npmMarks: ProjectMarks = {
  tools: [
    named('Angular CLI', 'angular\\.json'),
    named('Babel', `(?:babel\\.config|\\.babelrc)(?:${config})?`),
    named('Bun', 'bun\\.lockb?|bunfig\\.toml'),
    named('ESLint', `(?:eslint|\\.eslintrc)(?:${config})?`),
    named('Jest', `jest${config}`),
    named('Lerna', 'lerna\\.json'),
    named('npm', 'package-lock\\.json|npm-shrinkwrap\\.json'),
    named('Nx', 'nx\\.json'),
    named('Playwright', `playwright${config}`),
    named('pnpm', 'pnpm-lock\\.yaml|pnpm-workspace\\.yaml'),
    named('Prettier', `(?:prettier|\\.prettierrc)(?:${config})?`),
    named('Rollup', `rollup${config}`),
    named('Turborepo', 'turbo\\.json'),
    named('TypeScript', 'tsconfig(?:\\.[\\w-]+)*\\.json'),
    named('Vite', `vite${config}`),
    named('Vitest', `vitest${config}`),
    named('webpack', `webpack${config}`),
    named('Yarn', 'yarn\\.lock|\\.yarnrc(?:\\.yml)?'),
  ],
  manifest: { fileName: /^package\.json$/, dependenciesOf },
  frameworks: {
    '@angular/core': 'Angular',
    '@hapi/hapi': 'hapi',
    '@nestjs/core': 'NestJS',
    '@remix-run/react': 'Remix',
    '@sveltejs/kit': 'SvelteKit',
    astro: 'Astro',
    electron: 'Electron',
    express: 'Express',
    fastify: 'Fastify',
    gatsby: 'Gatsby',
    hono: 'Hono',
    koa: 'Koa',
    next: 'Next.js',
    nuxt: 'Nuxt',
    preact: 'Preact',
    react: 'React',
    'react-native': 'React Native',
    'solid-js': 'Solid',
    svelte: 'Svelte',
    vue: 'Vue',
  },
};

function dependenciesOf(content: Uint8Array): string[] {
  try {
    const manifest = parseSafeJson(content);
    if (!isObject(manifest)) return [];
    return ['dependencies', 'devDependencies', 'peerDependencies'].flatMap((field) =>
      isObject(manifest[field]) ? Object.keys(manifest[field]) : [],
    );
  } catch {
    return [];
  }
}
