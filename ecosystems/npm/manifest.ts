import { PermanentError } from '@sluice/contracts';
import type { PackageManifest } from '@sluice/inspection/inspect';
import { parseSafeJson } from '@sluice/intake/safe-json';

/** Scripts that npm runs when a package is installed from a registry. */
export const installHooks = ['preinstall', 'install', 'postinstall'] as const;

const anyManifest = /^((?:.*\/)?)package\.json$/;
const manifestOfPackage = /^((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)*)package\.json$/;

/** The folder of the package whose manifest a path is, the archive's own or a bundled one's; else null. */
export function packageFolder(path: string): string | null {
  return manifestOfPackage.exec(path)?.[1] ?? null;
}

/** The folder of any other package.json, which tells what loads as this folder; else null. */
export function innerFolder(path: string): string | null {
  return packageFolder(path) === null ? (anyManifest.exec(path)?.[1] ?? null) : null;
}

/** What loads as a folder with this package.json; null for none. */
export function mainOf(text: string): string | null {
  try {
    const { main } = JSON.parse(text) as { main?: unknown };
    return typeof main === 'string' ? main : null;
  } catch {
    // Node ends with an error, and loads nothing.
    return null;
  }
}

/** The largest real package.json are about 500 kB. */
export const manifestMaxBytes = 2 * 1024 * 1024;
const entriesMax = 2_000;
const textMax = 10_000;

/** A manifest, and why it must not be relied on. One that npm can read is read in any case. */
export interface ReadManifest {
  manifest: PackageManifest | null;
  problem: string | null;
  /** Lines of the install hooks in the text, from 1. */
  hookLines: Partial<Record<string, number>>;
}

/**
 * Reads the text of a package.json as npm does, and names parts that other programs could read differently: a key twice,
 * levels without end, parts beyond the limits.
 */
export function parsePackageManifest(text: string, sizeBytes: number): ReadManifest {
  const json = text.replace(/^\ufeff/, '');
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return unreadable('It is not valid JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return unreadable('It is no JSON object');
  }
  const fields = parsed as Record<string, unknown>;
  const problem =
    sizeBytes > manifestMaxBytes
      ? `It has more than ${manifestMaxBytes} bytes`
      : (unsafePart(json) ?? excessivePart(fields) ?? gypPart(json));
  return { manifest: readPackageManifest(fields), problem, hookLines: readHookLines(json) };
}

/** A package.json that npm cannot read either. */
export function unreadable(problem: string): ReadManifest {
  return { manifest: null, problem, hookLines: {} };
}

/** The last one counts, as for npm. */
function readHookLines(json: string): ReadManifest['hookLines'] {
  return Object.fromEntries(
    installHooks.flatMap((hook) => {
      const at = json.lastIndexOf(`"${hook}"`);
      return at < 0 ? [] : [[hook, json.slice(0, at).split('\n').length]];
    }),
  );
}

function unsafePart(json: string): string | null {
  try {
    parseSafeJson(Buffer.from(json));
    return null;
  } catch (error) {
    if (error instanceof PermanentError) return error.message;
    throw error;
  }
}

/** A gyp file can print a field, and gyp runs commands in printed text. */
function gypPart(json: string): string | null {
  return /[<>^]!@?\(/.test(json) ? 'It holds a command of gyp' : null;
}

/** Parts that `readPackageManifest` leaves out or cuts. */
function excessivePart(fields: Record<string, unknown>): string | null {
  for (const name of [
    'scripts',
    'dependencies',
    'optionalDependencies',
    'peerDependencies',
    'bin',
  ] as const) {
    const map = fields[name];
    if (typeof map !== 'object' || map === null) continue;
    const values = Object.values(map);
    if (values.length > entriesMax) return `It has more than ${entriesMax} ${name}`;
    if (values.some((value) => typeof value === 'string' && value.length > textMax)) {
      return `One of its ${name} is longer than ${textMax} characters`;
    }
  }
  return null;
}

/** Reads the parts that rules need. Anything may be in a package.json, so each part is read for itself. */
export function readPackageManifest(json: Record<string, unknown>): PackageManifest {
  return {
    name: typeof json.name === 'string' ? json.name.slice(0, textMax) : null,
    version: typeof json.version === 'string' ? json.version.slice(0, textMax) : null,
    scripts: textsOf(json.scripts),
    dependencies: textsOf(json.dependencies),
    optionalDependencies: textsOf(json.optionalDependencies),
    peerDependencies: textsOf(json.peerDependencies),
    main: typeof json.main === 'string' ? json.main.slice(0, textMax) : null,
    bin: binOf(json),
    entryPoints: [json.main, json.module, json.browser, json.bin, json.exports].flatMap((field) =>
      pathsOf(field),
    ),
  };
}

/** A single program has the name of the package, without its scope. */
function binOf({ bin, name }: Record<string, unknown>): Record<string, string> {
  if (typeof bin !== 'string') return textsOf(bin);
  return typeof name === 'string' ? textsOf({ [name.replace(/^@[^/]*\//, '')]: bin }) : {};
}

function textsOf(map: unknown): Record<string, string> {
  if (typeof map !== 'object' || map === null) return {};
  const entries = Object.entries(map).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(
    entries.slice(0, entriesMax).map(([key, value]) => [key, value.slice(0, textMax)]),
  );
}

/** The paths in a field that is a text or nests them, as `exports` does. */
function pathsOf(field: unknown, depth = 0): string[] {
  if (typeof field === 'string') return [field];
  if (typeof field !== 'object' || field === null || depth > 6) return [];
  return Object.values(field)
    .flatMap((value) => pathsOf(value, depth + 1))
    .slice(0, 500);
}

/** The install hooks of a manifest with their commands, in the order npm runs them. */
export function installCommands(manifest: PackageManifest | null): { hook: string; command: string }[] {
  if (!manifest) return [];
  return installHooks.flatMap((hook) => {
    const command = manifest.scripts[hook];
    return command ? [{ hook, command }] : [];
  });
}
