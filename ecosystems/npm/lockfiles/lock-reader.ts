import {
  isObject,
  ItemCollector,
  objectOf,
  readPin,
  shown,
  type FormatOptions,
  type ItemSource,
  type Json,
  type SourceCode,
} from '@sluice/intake';
import { readLockEntry, type LockEntry } from './lock-entry.ts';
import { checkNpmName, checkVersionLength } from '../name.ts';
import { readLockTree, type NpmLockTree, type PlacedDependency } from './lock-tree.ts';
import { readPlace, type NpmPlace } from './place.ts';
import { npmSource } from './source.ts';
import { isLinkTo, namesTag, placeKind, readAlias } from './spec.ts';

export interface NpmLockHalf {
  format: 'packages' | 'dependencies';
  entries: Json;
  /** Whether the file has the other half too: npm takes from there the missing fields of a place in an odd spelling. */
  hasOther: boolean;
  /** Whether npm follows the platforms that entries state; else it reads them anew from the registry. */
  statesPlatforms: boolean;
}

interface Listed {
  place: NpmPlace;
  /** Why the entry cannot be read, where it cannot. */
  entry: LockEntry | string;
}

/** Reads one half of a lockfile: first all entries, then the package version that each installs, which depends on the others. */
export class NpmLockReader {
  readonly #options: FormatOptions;
  readonly #collector: ItemCollector;
  readonly #listed: Listed[] = [];
  readonly #byPlace = new Map<string, LockEntry>();
  readonly #sources = new Map<LockEntry, ItemSource>();
  readonly #tree: NpmLockTree;
  readonly #statesPlatforms: boolean;

  constructor({ format, entries, hasOther, statesPlatforms }: NpmLockHalf, options: FormatOptions) {
    this.#options = options;
    this.#statesPlatforms = statesPlatforms;
    this.#collector = new ItemCollector('npm', options.itemsMax);
    if (format === 'packages') this.#listPackages(entries, hasOther);
    else this.#listDependencies(entries, '');
    this.#tree = readLockTree(this.#byPlace, format);
  }

  read() {
    for (const { place, entry } of this.#listed) {
      if (typeof entry === 'string') this.#refuse(place, undefined, 'source.unreadable', entry);
      else this.#collect(place, entry);
    }
    for (const { place, name } of this.#tree.missing) {
      const path = `${place}${place === '' ? '' : '/'}node_modules/${name}`;
      const message = `${place === '' ? 'The project' : shown(place)} needs it, and the lockfile has no entry for it.`;
      this.#collector.addMissing(
        this.#placeOf({ path, kind: 'package', name }, undefined, false),
        name,
        message,
      );
    }
    for (const asked of this.#tree.placed) {
      if (this.#isFrom(asked)) continue;
      const { place, name, spec, target } = asked;
      const message = `${place === '' ? 'The project' : shown(place)} asks for "${shown(spec)}", and its entry says something else: installers follow the former.`;
      this.#refuse({ path: target, kind: 'package', name }, undefined, 'source.asked', message);
    }
    return this.#collector.finish();
  }

  /** Whether the entry of a dependency comes from the place that it is asked for from, or is refused anyway. */
  #isFrom({ place: asking, spec, target }: PlacedDependency): boolean {
    const entry = this.#byPlace.get(target)!;
    const kind = placeKind(spec);
    if (entry.link) return kind === null || isLinkTo(entry.resolved, asking, spec);
    const place = readPlace(target);
    if (this.#sourceOf(place, entry).kind === 'elsewhere') return true;
    if (kind === null) return entry.resolved !== undefined;
    if (kind === 'url') return entry.resolved === spec || entry.version === spec;
    const listed = readAlias(entry.version ?? '')?.name ?? entry.name ?? place.name;
    const alias = kind === 'alias' ? readAlias(spec) : null;
    return alias?.name === listed && (entry.resolved !== undefined || !namesTag(alias.version));
  }

  /** A flat map from place to entry; the project itself is the entry without a place. */
  #listPackages(entries: Json, hasOther: boolean): void {
    for (const [key, raw] of Object.entries(entries)) {
      const entry = readLockEntry(raw);
      if (key === '') {
        if (typeof entry !== 'string') this.#byPlace.set('', entry);
        continue;
      }
      const place = readPlace(key);
      this.#list(hasOther && place.path !== key ? { ...place, kind: 'odd' } : place, entry);
    }
  }

  /** Version 1: a tree that mirrors the folders. */
  #listDependencies(entries: Json, parent: string): void {
    for (const [name, raw] of Object.entries(entries)) {
      const place = readPlace(`${parent}node_modules/${name}`);
      // A key that is more than a name means another place than the tree says.
      const isHere = place.name === name && place.path === `${parent}node_modules/${name}`;
      const entry = readLockEntry(isObject(raw) ? { ...raw, dependencies: undefined } : raw);
      this.#list(isHere ? place : { ...place, kind: 'odd' }, entry);
      const nested = isObject(raw) ? raw.dependencies : undefined;
      if (nested) this.#listDependencies(objectOf('dependencies', nested), `${place.path}/`);
    }
  }

  #list(place: NpmPlace, entry: LockEntry | string): void {
    this.#listed.push({ place, entry });
    if (typeof entry !== 'string') this.#byPlace.set(place.path, entry);
  }

  #collect(place: NpmPlace, entry: LockEntry): void {
    const { version } = entry;
    if (entry.link) {
      this.#refuse(place, version, 'source.link', 'A link to a folder of the project itself.', entry);
    } else if (place.kind === 'folder') {
      this.#refuse(place, version, 'source.workspace', 'A part of the project itself.', entry);
    } else if (place.kind === 'odd') {
      this.#refuse(place, version, 'source.place', 'No package belongs at this place.', entry);
    } else {
      const { name = place.name } = entry;
      checkNpmName(place.name, place.path);
      checkNpmName(name, place.path);
      checkVersionLength(version ?? '', place.path);
      const bundler = this.#bundlerOf(place, entry);
      const where = this.#placeOf(place, entry, bundler !== null);
      this.#collector.add(where, this.#sourceOf(place, entry), { name, version }, bundler);
    }
  }

  /** The package version whose archive holds this one; null when the package manager fetches it by itself. */
  #bundlerOf({ path }: NpmPlace, { resolved, integrity }: LockEntry) {
    if (resolved !== undefined || integrity !== undefined) return null;
    const bundler = this.#tree.bundlerOf(path);
    const entry = bundler === null ? undefined : this.#byPlace.get(bundler);
    if (bundler === null || !entry) return null;
    const source = this.#sourceOf(readPlace(bundler), entry);
    return source.kind === 'registry' ? { name: source.name, version: source.version } : null;
  }

  #sourceOf(place: NpmPlace, entry: LockEntry): ItemSource {
    const known = this.#sources.get(entry);
    if (known) return known;
    const { name = place.name, hasOwnLockfile } = entry;
    const source = npmSource({ ...followed(entry), name }, this.#options.registriesOf);
    if (hasOwnLockfile && source.kind === 'registry') {
      const message = 'It brings a lockfile of its own, which decides what is placed below it.';
      source.notes.push({ code: 'source.own-lockfile', message });
    }
    this.#sources.set(entry, source);
    return source;
  }

  #refuse(
    place: NpmPlace,
    version: string | undefined,
    code: SourceCode,
    message: string,
    entry?: LockEntry,
  ): void {
    const name = entry?.name ?? place.name;
    this.#collector.addUnassessable(this.#placeOf(place, entry, false), name, version, code, message);
  }

  #placeOf({ path, name }: NpmPlace, entry: LockEntry | undefined, bundled: boolean) {
    return {
      path,
      pinned: readPin(entry?.integrity, path),
      dev: entry?.dev ?? false,
      optional: entry?.optional ?? false,
      bundled,
      platforms: this.#statesPlatforms ? entry?.platforms : null,
      direct: path === `node_modules/${name}` && (this.#byPlace.get('')?.dependencies.has(name) ?? false),
    };
  }
}

/**
 * The fields of an entry that npm follows. Version 1 has the spec (`from`), which counts where there is neither pin
 * nor address; where the version names a place too, the two stand beside each other.
 */
function followed({ version, resolved, integrity, from }: LockEntry) {
  const asked = from?.replace(/^(?:@[^@/]+\/)?[^@/]+@/, '');
  const isPlace = (spec: string | undefined) => {
    const kind = spec === undefined ? null : placeKind(spec);
    return kind !== null && kind !== 'alias';
  };
  if (!isPlace(asked) || integrity !== undefined || resolved !== undefined)
    return { version, resolved, integrity };
  return isPlace(version) ? { version, resolved: asked, integrity } : { version: asked, resolved, integrity };
}
