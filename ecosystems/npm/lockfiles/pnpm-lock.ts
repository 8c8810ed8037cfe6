import { PermanentError, type Submission } from '@sluice/contracts';
import {
  isObject,
  ItemCollector,
  objectOf,
  parseSafeYaml,
  readPin,
  shown,
  textOf,
  type FormatOptions,
  type ItemSource,
  type Json,
  type LockfileFormat,
  type Place,
} from '@sluice/intake';
import { placeAt, textIn } from './entry-fields.ts';
import { pnpmKeys, type PnpmKeys } from './pnpm-keys.ts';
import { readPlatforms } from './read-platforms.ts';
import { checkSource, elsewhere, foreign, npmSource, patchedNote } from './source.ts';

/** pnpm-lock.yaml of pnpm 5 to 12. */
export const pnpmLockFormat: LockfileFormat = {
  id: 'pnpm-lock',
  fileName: /^pnpm-lock\.yaml$/,
  fits: ({ content, json }) => json === undefined && /^lockfileVersion:/m.test(textOf(content)),
  parse: ({ content }, options) => parsePnpmLock(parseSafeYaml(content), options),
};

/** Groups of dependencies of a project; those of its configuration and of pnpm itself are installed too. */
const groups = [
  'dependencies',
  'optionalDependencies',
  'devDependencies',
  'configDependencies',
  'packageManagerDependencies',
] as const;

/**
 * Reads a pnpm-lock.yaml of lockfileVersion 5, 6 or 9. It may hold two documents: what pnpm itself needs, then the project.
 * @throws PermanentError `lockfile.unknown-version`, `lockfile.invalid`, `input.invalid`, `input.too-many-packages`.
 * Source: the specification of the file in pnpm's repository, `lockfile-file/9.0.md`, and its `dependency-path`.
 */
function parsePnpmLock(documents: unknown[], options: FormatOptions): Submission {
  const collector = new ItemCollector('npm', options.itemsMax);
  let format = '';
  for (const document of documents) {
    if (document === null || document === undefined) continue;
    const lock = objectOf('the document', document);
    const keys = pnpmKeys(lock.lockfileVersion);
    if (!keys) {
      const version = shown(String(lock.lockfileVersion));
      throw new PermanentError('lockfile.unknown-version', `lockfileVersion ${version} is not supported.`);
    }
    format = `pnpm-lock@${keys.major}`;
    new PnpmLockReader(lock, keys, collector, options).read();
  }
  if (format === '') throw invalid('The file has no document.');
  return { format, projectName: null, ...collector.finish() };
}

/** A package that something depends on, under the key of its snapshot. */
interface Edge {
  to: string;
  optional: boolean;
}

/** Reads one document. */
class PnpmLockReader {
  readonly #keys: PnpmKeys;
  readonly #collector: ItemCollector;
  readonly #options: FormatOptions;
  readonly #packages: Json;
  readonly #snapshots: Json;
  /** Dependencies of the projects, and those of them that are not for development only. */
  readonly #direct: Edge[] = [];
  readonly #production: Edge[] = [];

  constructor(lock: Json, keys: PnpmKeys, collector: ItemCollector, options: FormatOptions) {
    this.#keys = keys;
    this.#collector = collector;
    this.#options = options;
    this.#packages = objectOf('packages', lock.packages ?? {});
    this.#snapshots = keys.hasSnapshots ? objectOf('snapshots', lock.snapshots ?? {}) : this.#packages;
    const importers = lock.importers === undefined ? { '.': lock } : objectOf('importers', lock.importers);
    for (const [folder, importer] of Object.entries(importers)) {
      this.#readImporter(folder, objectOf(`importers/${folder}`, importer ?? {}));
    }
  }

  read(): void {
    const wanted = this.#reached(this.#production, () => true);
    const needed = this.#reached(this.#direct, ({ optional }) => !optional);
    const direct = new Set(this.#direct.map(({ to }) => this.#keys.packageOf(to)));
    const patched = new Set(
      Object.keys(this.#snapshots)
        .filter(isPatched)
        .map((key) => this.#keys.packageOf(key)),
    );
    const required = new Set(
      Object.entries(this.#snapshots).flatMap(([key, snapshot]) =>
        isObject(snapshot) && snapshot.optional === true ? [] : [this.#keys.packageOf(key)],
      ),
    );
    for (const [key, raw] of Object.entries(this.#packages)) {
      const entry = objectOf(key, raw);
      const base = this.#keys.packageOf(key);
      const integrity = textIn(entry.resolution, 'integrity');
      const place: Place = {
        path: key,
        pinned: readPin(integrity, key),
        dev: !wanted.has(base),
        optional: !needed.has(base),
        bundled: false,
        direct: direct.has(base),
        // pnpm goes by the flag, and places what has none on any platform.
        platforms: needed.has(base) || required.has(base) ? null : readPlatforms(entry),
      };
      this.#collect(place, entry, integrity, patched.has(base) || entry.patched === true);
    }
    for (const key of this.#reached(this.#direct, () => true, false)) {
      if (Object.hasOwn(this.#packages, this.#keys.packageOf(key)) && Object.hasOwn(this.#snapshots, key))
        continue;
      this.#collector.addMissing(placeAt(key), key, 'It is needed, and the lockfile has no entry for it.');
    }
  }

  #readImporter(folder: string, importer: Json): void {
    for (const group of groups) {
      const dependencies = objectOf(group, importer[group] ?? {});
      for (const [alias, raw] of Object.entries(dependencies)) {
        const reference = isObject(raw) ? raw.version : raw;
        if (typeof reference !== 'string') throw invalid(`${folder}: "${alias}" has no version.`);
        const to = this.#keys.follow(alias, reference);
        if (to === null) {
          const message = 'A link to a folder of the project itself.';
          this.#collector.addUnassessable(
            placeAt(`${folder}>${alias}`),
            alias,
            undefined,
            'source.link',
            message,
          );
          continue;
        }
        const edge = { to, optional: group === 'optionalDependencies' };
        this.#direct.push(edge);
        if (group !== 'devDependencies') this.#production.push(edge);
      }
    }
  }

  /** Keys that can be reached. @param asPackages keys of packages, in place of those of snapshots. */
  #reached(from: Edge[], follows: (edge: Edge) => boolean, asPackages = true): Set<string> {
    const snapshots = new Set<string>();
    const waiting = from.filter(follows).map(({ to }) => to);
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      if (snapshots.has(key)) continue;
      snapshots.add(key);
      for (const edge of this.#edgesOf(key)) if (follows(edge)) waiting.push(edge.to);
    }
    return asPackages ? new Set([...snapshots].map((key) => this.#keys.packageOf(key))) : snapshots;
  }

  #edgesOf(key: string): Edge[] {
    const snapshot = Object.hasOwn(this.#snapshots, key) ? this.#snapshots[key] : undefined;
    if (!isObject(snapshot)) return [];
    return (['dependencies', 'optionalDependencies'] as const).flatMap((group) =>
      Object.entries(objectOf(group, snapshot[group] ?? {})).flatMap(([alias, reference]) => {
        const to = typeof reference === 'string' ? this.#keys.follow(alias, reference) : alias;
        return to === null ? [] : [{ to, optional: group === 'optionalDependencies' }];
      }),
    );
  }

  #collect(place: Place, entry: Json, integrity: string | undefined, patched: boolean): void {
    const named = this.#keys.read(place.path);
    const name = textIn(entry, 'name') ?? named?.name ?? '';
    const version = textIn(entry, 'version') ?? named?.version;
    const source = sourceOf({ name, version, integrity, resolution: entry.resolution }, this.#options);
    checkSource(source, place.path);
    if (patched && source.kind === 'registry') source.notes.push(patchedNote);
    this.#collector.add(place, source, { name: name || place.path, version }, null);
  }
}

/** What an entry installs: the tarball of its resolution, or the registry's of its name and version. */
function sourceOf(
  entry: { name: string; version: string | undefined; integrity: string | undefined; resolution: unknown },
  { registriesOf }: FormatOptions,
): ItemSource {
  const { name, version, integrity, resolution } = entry;
  if (!isObject(resolution)) return elsewhere('source.unreadable', 'It has no resolution.');
  const { type, repo, directory, tarball, path } = resolution;
  if (type === 'git' || repo !== undefined || resolution.gitHosted === true) return foreign('source.git');
  if (type === 'directory' || directory !== undefined) return foreign('source.file');
  if (type !== undefined || path !== undefined || (tarball !== undefined && typeof tarball !== 'string'))
    return elsewhere('source.url', `Its resolution is of a kind that is not known: ${shown(String(type))}.`);
  return npmSource(
    { name, version, resolved: absolute(tarball, name, registriesOf), integrity },
    registriesOf,
  );
}

/** Older versions shorten an address below the registry's. */
function absolute(
  tarball: string | undefined,
  name: string,
  registriesOf: FormatOptions['registriesOf'],
): string | undefined {
  if (tarball === undefined || tarball.includes(':')) return tarball;
  const [registry] = registriesOf(name);
  return registry === undefined ? tarball : new URL(tarball.replace(/^\/+/, ''), registry).href;
}

const isPatched = (key: string) => key.includes('patch_hash=');

function invalid(detail: string): PermanentError {
  return new PermanentError('lockfile.invalid', shown(detail));
}
