import { z } from 'zod';

/** Names of operating systems and processors in package.json files: those of Node's `process.platform` and `process.arch`. */
const names = {
  os: [
    'aix',
    'android',
    'cygwin',
    'darwin',
    'freebsd',
    'haiku',
    'linux',
    'netbsd',
    'openbsd',
    'openharmony',
    'sunos',
    'win32',
  ],
  cpu: [
    'arm',
    'arm64',
    'ia32',
    'loong64',
    'mips',
    'mips64el',
    'mipsel',
    'ppc',
    'ppc64',
    'riscv64',
    's390',
    's390x',
    'wasm32',
    'x64',
  ],
  /** The C library, which only Linux has several of. */
  libc: ['glibc', 'musl'],
} as const;
/** In the order in which a platform names them. */
export const platformParts = ['os', 'cpu', 'libc'] as const;
export type PlatformPart = (typeof platformParts)[number];

/** Whether package managers know a name; case counts, as for them. */
export function isPlatformName(part: PlatformPart, name: string): boolean {
  return (names[part] as readonly string[]).includes(name);
}

/** Platforms as a package states them: names, each also negated as in `!win32`. A part without names allows any. */
export const statedPlatformsSchema = z.object({
  os: z.array(z.string()),
  cpu: z.array(z.string()),
  libc: z.array(z.string()),
});
export type StatedPlatforms = z.infer<typeof statedPlatformsSchema>;

const { os, cpu, libc } = names;
/** What a platform to install on looks like; see `platformSchema`. */
export const platformPattern = `(?:${os.join('|')})-(?:${cpu.join('|')})|linux-(?:${cpu.join('|')})-(?:${libc.join('|')})`;

/** A platform to install on, `linux-x64` or `linux-x64-glibc`. Without a C library, packages for any of them may be installed. */
export const platformSchema = z.string().regex(new RegExp(`^(?:${platformPattern})$`));

/**
 * Whether package managers leave an optional package version out on a platform: where it states names, one has to fit, unless all
 * of them are negated, and no negated one may. Pure.
 */
export function isExcluded(stated: StatedPlatforms, platform: string): boolean {
  const given = platform.split('-');
  return platformParts.some((part, index) => {
    const name = given[index];
    return name !== undefined && !isAllowed(name, stated[part]);
  });
}

function isAllowed(name: string, stated: string[]): boolean {
  const negated = stated.filter((entry) => entry.startsWith('!'));
  if (negated.includes(`!${name}`)) return false;
  return stated.includes(name) || negated.length === stated.length;
}

/** `darwin-arm64`, or `linux-arm/arm64-musl` for more than one name. Pure. */
export function showPlatforms(stated: StatedPlatforms): string {
  return platformParts
    .map((part) => stated[part].join('/'))
    .filter((text) => text !== '')
    .join('-');
}
