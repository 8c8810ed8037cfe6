import { PermanentError, type Submission } from '@sluice/contracts';
import {
  ItemCollector,
  isObject,
  objectOf,
  parseSafeJson,
  readPin,
  shown,
  textOf,
  type FormatOptions,
  type ItemSource,
  type Json,
  type LockfileFormat,
  type SubmittedFile,
} from '@sluice/intake';
import { isExactVersion } from '../name.ts';
import { BunGraph, type BunEntry } from './bun-graph.ts';
import { placeAt, textIn } from './entry-fields.ts';
import { readPlatforms } from './read-platforms.ts';
import { checkSource, elsewhere, foreign, npmSource, patchedNote } from './source.ts';
import { splitAtVersion } from './yarn-names.ts';

/** Its first keys stand at the beginning. */
const beginningMaxBytes = 4_096;
const beginning = /^\s*\{\s*"lockfileVersion":\s*\d+,[^]*"workspaces":/;

/** bun.lock of Bun 1.1.39 and newer. */
export const bunLockFormat: LockfileFormat = {
  id: 'bun-lock',
  fileName: /^bun\.lock$/,
  fits: ({ content, json }) =>
    json === undefined
      ? beginning.test(textOf(content.subarray(0, beginningMaxBytes)))
      : isObject(json) && 'lockfileVersion' in json && 'workspaces' in json,
  parse: (file, options) => parseBunLock(objectOf('the file', jsonWithCommas(file)), options),
};

/** 0 is of the first releases; 2 only reads more strictly, 3 has overrides within packages. */
const versions = [0, 1, 2, 3];

/**
 * JSON as Bun writes it, with commas behind the last entries. Comments, which Bun would pass over, make it no JSON: which of
 * several line ends closes one is not the same everywhere.
 */
function jsonWithCommas({ content, json }: SubmittedFile): unknown {
  if (json !== undefined) return json;
  const strict = textOf(content).replaceAll(/"(?:[^"\\]|\\[^])*"|,(?=\s*[}\]])/g, (found) =>
    found === ',' ? '' : found,
  );
  return parseSafeJson(Buffer.from(strict));
}

/**
 * Reads a bun.lock. Overrides, catalogs and peers are settled in its entries.
 * @throws PermanentError `lockfile.unknown-version`, `lockfile.invalid`, `input.*`.
 * Source: Bun's repository, `src/install/lockfile/bun.lock.rs`.
 */
function parseBunLock(lock: Json, options: FormatOptions): Submission {
  const { lockfileVersion: version, workspaces: raw, packages = {} } = lock;
  if (!versions.includes(version as number)) {
    throw new PermanentError(
      'lockfile.unknown-version',
      `lockfileVersion ${shown(String(version))} of a bun.lock is not supported.`,
    );
  }
  const workspaces = objectOf('workspaces', raw);
  const entries = new Map(
    Object.entries(objectOf('packages', packages)).map(([key, entry]) => [key, readEntry(key, entry)]),
  );
  const graph = new BunGraph(workspaces, entries);
  const patched = new Set(Object.keys(objectOf('patchedDependencies', lock.patchedDependencies ?? {})));
  const collector = new ItemCollector('npm', options.itemsMax);
  for (const [key, entry] of entries) {
    const source = sourceOf(entry, options);
    checkSource(source, key);
    const { name, resolution, info, integrity } = entry;
    if (source.kind === 'registry' && patched.has(`${name}@${resolution}`)) source.notes.push(patchedNote);
    const flags = graph.flagsOf(key);
    const bundler = info.bundled === true ? bundlerOf(key, entries, graph) : null;
    const place = {
      path: key,
      pinned: readPin(source.kind === 'registry' ? integrity : undefined, key),
      ...flags,
      bundled: bundler !== null,
      // Bun does not go by the C library.
      platforms: flags.optional ? readPlatforms({ os: info.os, cpu: info.cpu }) : null,
    };
    collector.add(place, source, { name, version: resolution }, bundler);
  }
  for (const { by, name } of graph.missing())
    collector.addMissing(
      placeAt(`${by}>${name}`),
      name,
      'It is needed, and the lockfile has no entry for it.',
    );
  return {
    format: `bun-lock@${String(version)}`,
    projectName: textIn(workspaces[''], 'name') ?? null,
    ...collector.finish(),
  };
}

function readEntry(key: string, raw: unknown): BunEntry {
  const parts: unknown[] = Array.isArray(raw) ? raw : [];
  const [locator, ...rest] = parts;
  if (typeof locator !== 'string')
    throw new PermanentError('lockfile.invalid', `"${shown(key)}" has no resolution.`);
  const { name, range: resolution } = splitAtVersion(locator);
  const isFromRegistry = isExactVersion(resolution);
  const [address, info = {}] = isFromRegistry ? rest : [undefined, ...rest];
  // A tag of Bun's own cache stands behind repositories.
  const last = rest.length > (isFromRegistry ? 2 : 1) ? rest.at(-1) : undefined;
  if (isFromRegistry && typeof address !== 'string')
    throw new PermanentError('lockfile.invalid', `"${shown(key)}" has no registry.`);
  return {
    name,
    resolution,
    address: typeof address === 'string' && address !== '' ? address : undefined,
    info: objectOf(key, info),
    integrity: typeof last === 'string' && last !== '' ? last : undefined,
  };
}

/** What an entry installs, by the protocol of its resolution. */
function sourceOf(entry: BunEntry, { registriesOf }: FormatOptions): ItemSource {
  const { name, resolution, address, integrity } = entry;
  const [, protocol = ''] = /^([a-z+]+):/i.exec(resolution) ?? [];
  switch (protocol) {
    case 'workspace':
    case 'root':
      return elsewhere('source.workspace', 'A part of the project itself.');
    case 'file':
    case 'link':
      return foreign('source.file');
    case 'github':
    case 'gitlab':
    case 'bitbucket':
    case 'git':
      return foreign('source.git');
    default:
      // Archives beside the project are paths without a protocol.
      if (protocol === '' && /\.(?:tgz|tar\.gz)$/i.test(resolution)) return foreign('source.file');
      return npmSource({ name, version: resolution, resolved: address, integrity }, registriesOf);
  }
}

/** The package version from a registry whose archive has a bundled one. */
function bundlerOf(
  key: string,
  entries: ReadonlyMap<string, BunEntry>,
  graph: BunGraph,
): { name: string; version: string } | null {
  const parent = entries.get(graph.parentOf(key) ?? '');
  return parent && isExactVersion(parent.resolution)
    ? { name: parent.name, version: parent.resolution }
    : null;
}
