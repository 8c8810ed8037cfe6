/** What the scanner uses of a package.json. Anything may be in one, so each part is read for itself. */
export interface PackageManifest {
  name: string | null;
  version: string | null;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  /** Files that are run or loaded: main, module, browser, bin, exports. */
  entryPoints: string[];
  /** Whether npm builds a native addon of its own accord. */
  gypfile: boolean;
}

/** Scripts that npm runs when a package is installed from a registry. */
export const installHooks = ['preinstall', 'install', 'postinstall'] as const;

/** The largest real package.json are about 500 kB. */
export const manifestMaxBytes = 2 * 1024 * 1024;
const entriesMax = 2_000;
const textMax = 10_000;

/**
 * @throws SyntaxError when the text is no JSON object.
 */
export function parsePackageManifest(text: string): PackageManifest {
  const json: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new SyntaxError('It is no object.');
  return readPackageManifest(json as Record<string, unknown>);
}

export function readPackageManifest(json: Record<string, unknown>): PackageManifest {
  return {
    name: typeof json.name === 'string' ? json.name.slice(0, textMax) : null,
    version: typeof json.version === 'string' ? json.version.slice(0, textMax) : null,
    scripts: textsOf(json.scripts),
    dependencies: textsOf(json.dependencies),
    optionalDependencies: textsOf(json.optionalDependencies),
    entryPoints: [json.main, json.module, json.browser, json.bin, json.exports].flatMap((field) =>
      pathsOf(field),
    ),
    gypfile: json.gypfile === true,
  };
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
