import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { formatPurl } from '@sluice/contracts';
import { findRepositoryRoot } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseSubmission } from '@sluice/intake';
import { startFakeNpmRegistry, type FakeNpmRegistry } from '../fake/start-fake-npm-registry.ts';
import { npmIntake } from '../intake.ts';

/** What the package managers themselves install from their lockfiles is what is read from them. */
const run = promisify(execFile);
/** Bun has 100 MB: it is not installed for this, and compared with where a machine has it. */
const bun = await run(process.env['SLUICE_BUN'] ?? 'bun', ['--version']).then(
  () => process.env['SLUICE_BUN'] ?? 'bun',
  () => null,
);
if (bun === null) console.warn('There is no Bun here (PATH, SLUICE_BUN): bun.lock is not compared with it.');
const program = (file: string) => path.join(findRepositoryRoot(), 'node_modules', file);
interface Manager {
  lockfile: string;
  args: string[];
  /** Node unless given. */
  command?: string;
}
const managers: Record<string, Manager> = {
  pnpm: {
    lockfile: 'pnpm-lock.yaml',
    args: [
      program('pnpm/bin/pnpm.cjs'),
      'install',
      '--store-dir',
      'store',
      '--config.confirmModulesPurge=false',
    ],
  },
  'Yarn 1': {
    lockfile: 'yarn.lock',
    args: [program('yarn/bin/yarn.js'), 'install', '--cache-folder', 'cache', '--non-interactive'],
  },
  'Yarn 4': {
    lockfile: 'yarn.lock',
    args: [program('@yarnpkg/cli-dist/bin/yarn.js'), 'install'],
  },
  ...(bun === null
    ? {}
    : { Bun: { lockfile: 'bun.lock', command: bun, args: ['install', '--linker', 'hoisted'] } }),
};
const names = ['a', 'b', 'c', '@s/d', '@s/e', 'f'];
const versions = ['1.0.0', '1.2.0', '2.0.0-beta.1', '2.1.0'];
const ranges = ['^1.0.0', '1.0.0', '~1.2.0', '>=1.0.0', '^2.0.0', '*'];
const aliases = ['npm:f@^1.0.0', 'npm:@s/d@1.2.0'];

let registry: FakeNpmRegistry;
let folder: string;
beforeAll(async () => {
  registry = await startFakeNpmRegistry();
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-managers-')));
});
afterAll(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

/** On later names only: Yarn 1 takes minutes over packages that depend on each other. */
const dependenciesOf = (name: string) =>
  fc
    .dictionary(fc.constantFrom('f', ...names.slice(names.indexOf(name) + 1)), fc.constantFrom(...ranges), {
      maxKeys: 3,
    })
    .map((asked) => Object.fromEntries(Object.entries(asked).filter(([other]) => other !== name)));
const projectDependencies = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...ranges, ...aliases), {
  minKeys: 2,
});
const project = fc.record({
  packages: fc.tuple(...names.flatMap((name) => versions.map(() => dependenciesOf(name)))),
  dependencies: projectDependencies,
  devDependencies: projectDependencies,
});
/** Few, since each is an installation by each of them; together, over all runs, many. */
const samples = fc.sample(project, 2);

it.each(
  Object.entries(managers).flatMap(([name, manager]) =>
    samples.map((sample, number) => [name, number, manager, sample] as const),
  ),
)(
  '%s, project %i',
  async (_, number, manager, { packages, ...asked }) => {
    for (const [index, name] of names.entries()) {
      versions.forEach((version, at) =>
        registry.publish({
          name,
          version,
          manifest: { dependencies: packages[index * versions.length + at] },
        }),
      );
    }
    const place = await install(manager, `${number}-`, asked);
    const items = await itemsOf(place, manager.lockfile);
    const read = items.filter(({ unassessable }) => unassessable?.code !== 'source.workspace');
    expect(read.filter(({ unassessable }) => unassessable)).toEqual([]);
    expect([...new Set(read.flatMap(({ purl }) => purl ?? []))].toSorted()).toEqual(
      (await installed(path.join(place, 'node_modules'))).toSorted(),
    );
  },
  60_000,
);

/** Has a package manager install a project; gives its folder. */
async function install(
  { lockfile, args, command = process.execPath }: Manager,
  prefix: string,
  asked: object,
): Promise<string> {
  const place = await mkdtemp(path.join(folder, prefix));
  await write(place, 'package.json', JSON.stringify({ name: 'app', version: '1.0.0', ...asked }));
  await write(place, '.npmrc', `registry=${registry.url}/\nhoist=true\n`);
  await write(place, '.yarnrc', `registry "${registry.url}/"\n`);
  await write(
    place,
    '.yarnrc.yml',
    `npmRegistryServer: "${registry.url}"\nunsafeHttpWhitelist: ["127.0.0.1"]\nnodeLinker: node-modules\nenableGlobalCache: false\nenableTelemetry: false\n`,
  );
  if (lockfile === 'yarn.lock') await write(place, lockfile, '');
  const home = path.join(place, 'home');
  await mkdir(home);
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    CI: '',
    YARN_IGNORE_PATH: '1',
    npm_config_cache: home,
  };
  await run(command, args, { cwd: place, env });
  return place;
}

async function itemsOf(place: string, lockfile: string, ...platforms: string[]) {
  const { items } = parseSubmission(await readFile(path.join(place, lockfile)), {
    intakes: [npmIntake],
    registriesOf: () => [`${registry.url}/`],
    platforms,
  });
  return items;
}

const elsewhere = process.platform === 'win32' ? 'darwin' : 'win32';

it.each(Object.keys(managers).filter((name) => name !== 'Yarn 1'))(
  '%s, for this machine alone: what is left out is what it does not install',
  async (name) => {
    const manager = managers[name]!;
    // Yarn does not read a negated name that it writes itself.
    const not = name !== 'Yarn 4' ? [`!${process.platform}`] : [elsewhere];
    const manifests: Record<string, Record<string, unknown>> = {
      here: { os: [process.platform, elsewhere], cpu: [process.arch] },
      there: { os: [elsewhere] },
      'not-here': { os: not },
      'other-cpu': { cpu: ['s390'] },
      needed: { os: [elsewhere] },
      parent: { optionalDependencies: { inner: '1.0.0', needed: '1.0.0' } },
      inner: { os: [elsewhere], cpu: ['x64', 'arm64'] },
    };
    for (const [of, manifest] of Object.entries(manifests))
      registry.publish({ name: of, version: '1.0.0', manifest });
    const optional = ['here', 'there', 'not-here', 'other-cpu'].map((of) => [of, '1.0.0']);
    const place = await install(manager, 'platforms-', {
      dependencies: { parent: '1.0.0', needed: '1.0.0' },
      optionalDependencies: Object.fromEntries(optional) as object,
    });
    const platform = `${process.platform}-${process.arch}`;
    const items = await itemsOf(place, manager.lockfile, platform);
    const leftOut = items.filter(({ unassessable }) => unassessable?.code === 'source.platform');
    expect(leftOut.map((item) => item.name).toSorted()).toEqual(['inner', 'not-here', 'other-cpu', 'there']);
    // Yarn does not install `needed` either, where pnpm does.
    const assessed = items.flatMap(({ purl }) => purl ?? []);
    expect(assessed).toContain('pkg:npm/needed@1.0.0');
    expect(assessed).toEqual(expect.arrayContaining(await installed(path.join(place, 'node_modules'))));
  },
  60_000,
);

const write = (place: string, name: string, text: string) => writeFile(path.join(place, name), text);

/** purls of all packages below a node_modules, links left out. */
async function installed(modules: string): Promise<string[]> {
  const found = new Set<string>();
  const visit = async (place: string): Promise<void> => {
    for (const entry of await readdir(place, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory()) continue;
      const inner = path.join(place, entry.name);
      const text = await readFile(path.join(inner, 'package.json'), 'utf8').catch(() => null);
      if (text !== null) {
        const { name, version } = JSON.parse(text) as { name: string; version: string };
        found.add(formatPurl({ type: 'npm', name, version }));
      }
      await visit(inner);
    }
  };
  await visit(modules);
  return [...found];
}
