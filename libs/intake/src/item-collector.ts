import {
  PermanentError,
  formatPurl,
  type PinsRead,
  type StatedPlatforms,
  type SubmissionItem,
} from '@sluice/contracts';

/** Where a lockfile says that an entry comes from. */
export type ItemSource =
  | {
      kind: 'registry';
      name: string;
      version: string;
      notes: Note[];
      /** purl type, in a file of several. */ type?: string;
    }
  | { kind: 'elsewhere'; code: SourceCode; message: string };

export interface Note {
  code: string;
  message: string;
}

export type SourceCode =
  | 'source.git'
  | 'source.file'
  | 'source.link'
  | 'source.workspace'
  | 'source.url'
  | 'source.place'
  | 'source.missing'
  | 'source.asked'
  | 'source.unreadable'
  | 'source.version'
  | 'source.no-version'
  | 'source.no-purl'
  | 'source.ecosystem'
  | 'source.module';

/** One place of a lockfile that names a package version. */
export interface Place {
  path: string;
  pinned: PinsRead;
  dev: boolean;
  optional: boolean;
  bundled: boolean;
  direct: boolean;
  /** Those on which the installer places it, leaving it out on others without an error. */
  platforms?: StatedPlatforms | null;
}

/** Enough to find a package in a project; the rest is counted. */
const pathsListed = 20;
/** Longer paths are cut in lists. */
const pathMaxChars = 300;

/** Merges the places of a lockfile into items: one per package version and pin. */
export class ItemCollector {
  readonly #items = new Map<string, SubmissionItem>();
  readonly #type: string;
  readonly #itemsMax: number;
  #entryCount = 0;

  /** @param type purl type of the packages whose source names none. */
  constructor(type: string, itemsMax: number) {
    this.#type = type;
    this.#itemsMax = itemsMax;
  }

  /** @param bundledIn the package version whose archive holds it, when the package manager does not fetch it by itself. */
  add(
    place: Place,
    source: ItemSource,
    listed: { name: string; version: string | undefined },
    bundledIn: { name: string; version: string } | null,
  ): void {
    if (source.kind === 'elsewhere') {
      this.addUnassessable(place, listed.name, listed.version, source.code, source.message);
      return;
    }
    const { name, version, notes } = source;
    const purl = formatPurl({ type: source.type ?? this.#type, name, version });
    const bundler = bundledIn && formatPurl({ type: this.#type, ...bundledIn });
    const item = this.#merge(`${purl} ${JSON.stringify(place.pinned)} ${bundler ?? ''}`, place, {
      purl,
      name,
      version,
      bundledIn: bundler,
      unassessable: null,
    });
    for (const note of [...notes, ...(place.pinned.note ? [place.pinned.note] : [])]) {
      if (!item.notes.some((known) => known.code === note.code && known.message === note.message))
        item.notes.push(note);
    }
  }

  addUnassessable(
    place: Place,
    name: string,
    version: string | undefined,
    code: SourceCode,
    message: string,
  ): void {
    const shown = { name: cut(name), version: version === undefined ? null : cut(version) };
    const identity = { purl: null, ...shown, bundledIn: null, unassessable: { code, message } };
    this.#merge(`${code} ${place.path}`, place, identity);
  }

  /** A package version that the lockfile should have an entry for; it is no entry itself. */
  addMissing(place: Place, name: string, message: string): void {
    this.addUnassessable(place, name, undefined, 'source.missing', message);
    this.#entryCount -= 1;
  }

  finish(): { entryCount: number; items: SubmissionItem[] } {
    return { entryCount: this.#entryCount, items: [...this.#items.values()] };
  }

  #merge(
    key: string,
    place: Place,
    identity: Pick<SubmissionItem, 'purl' | 'name' | 'version' | 'bundledIn' | 'unassessable'>,
  ): SubmissionItem {
    this.#entryCount += 1;
    let item = this.#items.get(key);
    if (!item) {
      if (this.#items.size >= this.#itemsMax) {
        throw new PermanentError(
          'input.too-many-packages',
          `A submission may have ${this.#itemsMax} packages.`,
        );
      }
      item = {
        ...identity,
        pins: place.pinned.pins,
        paths: [],
        pathCount: 0,
        dev: true,
        optional: true,
        bundled: true,
        direct: false,
        platforms: place.platforms ?? null,
        notes: [],
      };
      this.#items.set(key, item);
    }
    item.pathCount += 1;
    if (item.paths.length < pathsListed) item.paths.push(cut(place.path));
    // A flag of the package must hold at all its places.
    item.dev &&= place.dev;
    item.optional &&= place.optional;
    item.bundled &&= place.bundled;
    item.direct ||= place.direct;
    if (JSON.stringify(item.platforms) !== JSON.stringify(place.platforms ?? null)) item.platforms = null;
    return item;
  }
}

function cut(text: string): string {
  return text.length > pathMaxChars ? `${text.slice(0, pathMaxChars)}…` : text;
}
