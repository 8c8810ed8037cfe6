import { parsePurl, type PackageVersion, type Standing } from '@sluice/contracts';
import { isRefused, sharedVerdict, unknownEntry, withDecision, type Entry } from './entry.ts';

/** A package version in a scope. */
export interface Place extends PackageVersion {
  scope: string;
}

/** What becomes of a package version's assessment, in all scopes. */
export type Work = { state: 'running' } | { state: 'failed'; code: string };

type Versions = Map<string, Entry>;

/**
 * How every package version stands in every scope, in memory. The one place that says what may be installed: documents
 * and archives are answered from the same entries.
 */
export class StandingIndex {
  readonly #scopes = new Map<string, Map<string, Versions>>();
  /** Of each package with some, the versions that were refused. */
  readonly #refused = new Map<string, Set<string>>();
  readonly #work = new Map<string, Work>();
  readonly #listeners = new Set<(place: Place) => void>();
  #size = 0;

  /** Package versions in scopes that are known. */
  get size(): number {
    return this.#size;
  }

  /** Versions of a package that are known in a scope. */
  versions({ scope, type, name }: Omit<Place, 'version'>): ReadonlyMap<string, Entry> {
    return this.#scopes.get(scope)?.get(`${type}/${name}`) ?? noVersions;
  }

  /** Versions of a package that were rejected or recalled in a scope: mostly none. */
  refused({ scope, type, name }: Omit<Place, 'version'>): ReadonlySet<string> {
    return this.#refused.get(`${scope} ${type}/${name}`) ?? none;
  }

  find({ version, ...place }: Place): Entry {
    return this.versions(place).get(version) ?? unknownEntry;
  }

  work({ type, name, version }: PackageVersion): Work | null {
    return this.#work.get(`${type}/${name}@${version}`) ?? null;
  }

  /** Notes the work on a package version; null when it has ended with its evidence. */
  setWork(place: PackageVersion, work: Work | null): void {
    const key = `${place.type}/${place.name}@${place.version}`;
    if (work === null) this.#work.delete(key);
    else this.#work.set(key, work);
    for (const scope of this.#scopes.keys()) this.#tell({ ...place, scope });
  }

  /** Changes an entry. @param change pure; the entry itself stands for no change. */
  update(place: Place, change: (entry: Entry) => Entry): void {
    const { scope, type, name, version } = place;
    const before = this.find(place);
    const after = change(before);
    if (after === before) return;
    const packages = getOrMake(this.#scopes, scope, () => new Map<string, Versions>());
    const versions = getOrMake(packages, `${type}/${name}`, () => new Map<string, Entry>());
    if (!versions.has(version)) this.#size += 1;
    versions.set(version, after);
    this.#noteRefused(place, after);
    this.#tell(place);
  }

  /** Takes a line of the owner's list. */
  load({ purl, scope, decision, release, verdict }: Standing): void {
    this.update({ ...parsePurl(purl), scope }, (entry) => {
      const judged = { ...entry, verdict: verdict && sharedVerdict(verdict) };
      return decision ? withDecision(judged, decision, release) : judged;
    });
  }

  /** Calls back after each change; returns the way to stop that. */
  onChange(listener: (place: Place) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** All entries with their places, in no order. */
  *entries(): Generator<[Place, Entry]> {
    for (const [scope, packages] of this.#scopes) {
      for (const [key, versions] of packages) {
        const at = key.indexOf('/');
        const [type, name] = [key.slice(0, at), key.slice(at + 1)];
        for (const [version, entry] of versions) yield [{ scope, type, name, version }, entry];
      }
    }
  }

  #noteRefused({ scope, type, name, version }: Place, entry: Entry): void {
    const key = `${scope} ${type}/${name}`;
    if (isRefused(entry)) getOrMake(this.#refused, key, () => new Set<string>()).add(version);
    else this.#refused.get(key)?.delete(version);
  }

  #tell(place: Place): void {
    for (const listener of this.#listeners) listener(place);
  }
}

const none: ReadonlySet<string> = new Set();
const noVersions: ReadonlyMap<string, Entry> = new Map();

function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
