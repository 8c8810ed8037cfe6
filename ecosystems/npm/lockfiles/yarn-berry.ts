import { PermanentError, type Submission } from '@sluice/contracts';
import {
  ItemCollector,
  isObject,
  objectOf,
  parseSafeYaml,
  readPin,
  shown,
  textOf,
  type FormatOptions,
  type ItemSource,
  type Json,
  type LockfileFormat,
} from '@sluice/intake';
import { readConditions } from './yarn-conditions.ts';
import { missingNames, splitAtVersion } from './yarn-names.ts';
import { checkSource, elsewhere, foreign, npmSource, patchedNote } from './source.ts';

/** yarn.lock of Yarn 2 and newer. */
export const yarnBerryFormat: LockfileFormat = {
  id: 'yarn-lock',
  fileName: /^yarn\.lock$/,
  fits: ({ content, json }) => json === undefined && /^__metadata:/m.test(textOf(content)),
  parse: ({ content }, options) => parseYarnBerry(content, options),
};

/** Versions of the file that Yarn 2 to 4 write. */
const versions = { min: 3, max: 10 };
/** Yarn 4 reads the conditions of older files anew from the registry. */
const conditionsMin = 8;
/** Patches that come with Yarn, for packages that need one to work with it. */
const ownPatch = /^(?:(?:optional|~)!?)*builtin<compat\/[\w-]+>$/;

/**
 * Reads a yarn.lock of Yarn 2 and newer. Its checksums are of the ZIP files that Yarn makes of tarballs, so they pin nothing
 * that a registry serves. Which dependencies are for development only stands in package.json alone.
 * @throws PermanentError `lockfile.unknown-version`, `lockfile.invalid`, `input.invalid`, `input.too-many-packages`.
 */
function parseYarnBerry(content: Uint8Array, options: FormatOptions): Submission {
  const { __metadata: metadata, ...entries } = objectOf('the file', parseSafeYaml(content)[0]);
  const version = Number(objectOf('__metadata', metadata).version);
  if (!Number.isInteger(version) || version < versions.min || version > versions.max) {
    throw new PermanentError(
      'lockfile.unknown-version',
      `A yarn.lock of version ${version} is not supported.`,
    );
  }
  const collector = new ItemCollector('npm', options.itemsMax);
  const known = new Set<string>();
  const needed = new Map<string, string>();
  const required = new Set<string>();
  const asked = new Set<string>();
  const listed = Object.entries(entries).map(([key, raw]) => {
    const entry = objectOf(key, raw);
    if (typeof entry.resolution !== 'string')
      throw new PermanentError('lockfile.invalid', `${shown(key)} has no resolution.`);
    const isProject = splitAtVersion(entry.resolution).range.startsWith('workspace:');
    const patterns = key.split(', ');
    const names = patterns.map((pattern) => splitAtVersion(pattern).name);
    for (const name of names) known.add(name);
    const dependencies = objectOf('dependencies', entry.dependencies ?? {});
    for (const [dependency, range] of Object.entries(dependencies)) {
      needed.set(dependency, entry.resolution);
      if (!isOptional(entry, dependency)) required.add(dependency);
      // Older files leave out the protocol of ranges here.
      if (isProject) asked.add(`${dependency}@${String(range)}`).add(`${dependency}@npm:${String(range)}`);
    }
    return { key, patterns, names, resolution: entry.resolution, conditions: entry.conditions };
  });
  for (const { key, patterns, names, resolution, conditions } of listed) {
    const source = sourceOf(resolution, options);
    const { name, range } = splitAtVersion(resolution);
    checkSource(source, key);
    const isLeavable = names.every((alias) => needed.has(alias) && !required.has(alias));
    const place = {
      path: resolution,
      pinned: readPin(undefined, key),
      dev: false,
      optional: false,
      bundled: false,
      direct: patterns.some((pattern) => asked.has(pattern)),
      platforms: isLeavable && version >= conditionsMin ? readConditions(conditions) : null,
    };
    collector.add(place, source, { name, version: range }, null);
  }
  missingNames(collector, known, needed);
  return { format: `yarn-lock@${version}`, projectName: null, ...collector.finish() };
}

/** Whether an entry can do without a dependency. Which entry its range leads to is told by its name alone. */
function isOptional({ dependenciesMeta }: Json, dependency: string): boolean {
  const meta = isObject(dependenciesMeta) ? dependenciesMeta[dependency] : undefined;
  return isObject(meta) && meta.optional === true;
}

/** What a locator leads to: `name@npm:1.0.0`, with parameters behind `::`. */
function sourceOf(locator: string, options: FormatOptions): ItemSource {
  const { name, range } = splitAtVersion(locator);
  const [reference = '', parameters = ''] = range.split('::');
  const protocol = /^([a-z+]+):/.exec(reference)?.[1] ?? '';
  switch (protocol) {
    case 'npm': {
      const resolved = new URLSearchParams(parameters).get('__archiveUrl') ?? undefined;
      const version = reference.slice('npm:'.length);
      return npmSource({ name, version, resolved, integrity: undefined }, options.registriesOf);
    }
    case 'patch':
      return patched(reference.slice('patch:'.length), options);
    case 'workspace':
      return elsewhere('source.workspace', 'A part of the project itself.');
    case 'link':
    case 'portal':
    case 'file':
      return foreign('source.file');
    case 'exec':
      return elsewhere('source.file', 'A script beside the project makes it.');
    case 'git':
    case 'ssh':
    case 'git+ssh':
    case 'git+https':
      return foreign('source.git');
    default:
      return /#(?:.*&)?commit=/.test(reference)
        ? foreign('source.git')
        : elsewhere('source.url', 'It comes from an address that is no registry tarball.');
  }
}

/** A package version with changes of the project: `name@npm%3A1.0.0#path/to.patch`. */
function patched(reference: string, options: FormatOptions): ItemSource {
  const [inner = '', ...patches] = reference.split('#');
  let locator: string;
  try {
    locator = decodeURIComponent(inner);
  } catch {
    return elsewhere('source.unreadable', 'Its address cannot be read.');
  }
  if (locator.includes('@patch:'))
    return elsewhere('source.unreadable', 'A patch of a patched package is not read.');
  const source = sourceOf(locator, options);
  const isOwn = patches
    .join('#')
    .split('&')
    .every((patch) => ownPatch.test(patch));
  if (source.kind === 'registry' && !isOwn) return { ...source, notes: [...source.notes, patchedNote] };
  return source;
}
