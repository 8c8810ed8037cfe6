import type { Submission } from '@sluice/contracts';
import { ItemCollector, type FormatOptions, type Json, type LockfileFormat } from '@sluice/intake';
import { addEntry, type PypiEntry } from './entry.ts';
import { checkVersion, hasLines, nameIn, parseToml, tableIn, tablesOf, textIn } from './toml.ts';

/** uv.lock. */
export const uvLockFormat: LockfileFormat = {
  id: 'uv-lock',
  fileName: /^uv\.lock$/,
  fits: ({ content, json }) =>
    json === undefined &&
    hasLines(
      content,
      /^version = \d+\s*$/m,
      /^(?:requires-python = |source = \{ (?:registry|virtual|editable|git|url|path|directory) = )/m,
    ),
  parse: ({ content }, options) => parseUvLock(parseToml(content), options),
};

/** The project itself is the package in the folder of the lockfile; others beside it are members of its workspace. */
function parseUvLock(lock: Json, options: FormatOptions): Submission {
  checkVersion('uv.lock', lock.version, /^1$/);
  const collector = new ItemCollector('pypi', options.itemsMax);
  const packages = tablesOf('package', lock.package);
  const reach = readReach(packages);
  let projectName: string | null = null;
  for (const [at, raw] of packages.entries()) {
    const path = `package ${at + 1}`;
    const name = nameIn(raw, path);
    const source = tableIn(raw, 'source') ?? {};
    if (source.virtual === '.' || source.editable === '.') {
      projectName = name;
      continue;
    }
    const files = [
      ...(tableIn(raw, 'sdist') ? [tableIn(raw, 'sdist')!] : []),
      ...tablesOf('wheels', raw.wheels),
    ];
    addEntry(
      collector,
      {
        path: `${name} (${path})`,
        name,
        version: textIn(raw, 'version'),
        hashes: files.flatMap((file) => textIn(file, 'hash') ?? []),
        fileUrls: files.map((file) => textIn(file, 'url') ?? textIn(file, 'path') ?? ''),
        dev: reach.any && !reach.main.has(name),
        direct: reach.direct.has(name),
        ...placeOf(source),
      },
      options,
    );
  }
  return { format: 'uv-lock@1', projectName, ...collector.finish() };
}

function placeOf(source: Json): Pick<PypiEntry, 'indexes' | 'elsewhere'> {
  const registry = textIn(source, 'registry');
  if (registry !== undefined) {
    if (/^https?:\/\//i.test(registry)) return { indexes: [registry] };
    return {
      elsewhere: { code: 'source.file', message: 'It comes from a folder of files beside the project.' },
    };
  }
  if (source.git !== undefined)
    return {
      elsewhere: { code: 'source.git', message: 'It comes from a git repository, not from an index.' },
    };
  if (source.url !== undefined)
    return { elsewhere: { code: 'source.url', message: 'It comes from an address, not from an index.' } };
  if (source.virtual !== undefined || source.editable !== undefined)
    return { elsewhere: { code: 'source.workspace', message: 'It is a package of the project itself.' } };
  if (source.path !== undefined || source.directory !== undefined)
    return {
      elsewhere: { code: 'source.file', message: 'It comes from a file or folder beside the project.' },
    };
  return { elsewhere: { code: 'source.unreadable', message: 'It has a source of an unknown kind.' } };
}

interface Reach {
  /** Whether the lockfile has packages of the project at all. */
  any: boolean;
  /** Names that are reached without a group of development. */
  main: ReadonlySet<string>;
  /** Names that packages of the project ask for. */
  direct: ReadonlySet<string>;
}

/** Follows dependencies by name from the packages of the project. */
function readReach(packages: readonly Json[]): Reach {
  const byName = new Map<string, Json[]>();
  for (const raw of packages) {
    const name = typeof raw.name === 'string' ? raw.name : '';
    byName.set(name, [...(byName.get(name) ?? []), raw]);
  }
  const own = packages.filter((raw) => {
    const source = tableIn(raw, 'source') ?? {};
    return source.virtual !== undefined || source.editable !== undefined;
  });
  const main = new Set<string>();
  const waiting = own.flatMap(mainDependencies);
  const direct = new Set([...waiting, ...own.flatMap(devDependencies)]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (main.has(next)) continue;
    main.add(next);
    for (const raw of byName.get(next) ?? []) waiting.push(...mainDependencies(raw));
  }
  return { any: own.length > 0, main, direct };
}

function mainDependencies(raw: Json): string[] {
  return [...namesIn(raw.dependencies), ...groupNames(raw['optional-dependencies'])];
}

function devDependencies(raw: Json): string[] {
  return groupNames(raw['dev-dependencies']);
}

function groupNames(groups: unknown): string[] {
  return typeof groups === 'object' && groups !== null ? Object.values(groups).flatMap(namesIn) : [];
}

function namesIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    const { name } = (one ?? {}) as { name?: unknown };
    return typeof name === 'string' ? [name] : [];
  });
}
