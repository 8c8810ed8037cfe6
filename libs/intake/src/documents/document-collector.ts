import { PermanentError, readPackageUrl, type PurlRead, type Submission } from '@sluice/contracts';
import type { DocumentOptions, Intake } from '../format.ts';
import { ItemCollector, type ItemSource, type Note, type Place } from '../item-collector.ts';
import { readPin } from '../read-pin.ts';
import { shown } from '../shown.ts';
import { integrityOf, readChecksums, type StatedHash } from './stated-hashes.ts';

/** A package as a document states it. */
export interface DocumentEntry {
  /** Where it stands: a reference of the document's own, or a line. */
  path: string;
  /** Its name and version beside its purls, where the document has them. */
  name: string | undefined;
  version: string | undefined;
  /** All package URLs that the document gives it. */
  purls: readonly string[];
  /** Addresses at which its archive is said to be, each with the hashes that are said to be of the bytes there. */
  downloads?: readonly Download[];
  dev?: boolean;
  optional?: boolean;
  direct?: boolean;
  /** Notes of the document on it, for instance that it was changed. */
  notes?: readonly Note[];
}

export interface Download {
  address: string;
  hashes: readonly StatedHash[];
}

/** Hashes of one archive that are read; no tool states more algorithms. */
const hashesMax = 8;

/** Version control, as SPDX writes it, and addresses of repositories. */
const gitAddress = /^(?:git[+:@]|ssh:|svn|hg\+|bzr\+|cvs)|\.git(?:[#@?/]|$)/i;
const fileAddress = /^(?:file:|\.{1,2}\/|\/)/i;

/** Takes in the packages of a document that names them by their purls. Each becomes part of an item, or is listed with a reason. */
export class DocumentCollector {
  readonly #items: ItemCollector;
  readonly #options: DocumentOptions;
  readonly #intakes: ReadonlyMap<string, Intake>;

  constructor(options: DocumentOptions) {
    this.#options = options;
    this.#items = new ItemCollector('generic', options.itemsMax);
    this.#intakes = new Map(options.intakes.map((intake) => [intake.type, intake]));
  }

  add(entry: DocumentEntry): void {
    const place = placeOf(entry);
    if (entry.purls.length === 0) {
      this.#list(place, entry, 'source.no-purl', 'It has no package URL: no registry can be asked for it.');
      return;
    }
    const purls = new Set(entry.purls);
    for (const text of purls) this.#addPurl(place, entry, text, purls.size > 1);
  }

  /** The software that the document is about: its parts are judged, not the software itself. */
  addSubject(path: string, name: string, version: string | undefined): void {
    const place = placeOf({ path, name, version, purls: [] });
    const message = 'The software that the document describes: its parts are judged.';
    this.#items.addUnassessable(place, shown(name), version && shown(version), 'source.workspace', message);
  }

  /** Packages that the document says there are and does not list. */
  addMissing(path: string, name: string, message: string): void {
    this.#items.addMissing(placeOf({ path, name, version: undefined, purls: [] }), shown(name), message);
  }

  finish(format: string, projectName: string | null): Submission {
    return { format, projectName, ...this.#items.finish() };
  }

  #addPurl(place: Place, entry: DocumentEntry, text: string, isOneOfSeveral: boolean): void {
    const read = tryRead(text);
    if (read === null) {
      this.#list(place, entry, 'source.unreadable', `"${shown(text)}" is no package URL.`);
      return;
    }
    const intake = this.#intakes.get(read.type);
    const listed = { name: read.name, version: read.version ?? undefined };
    if (!intake) {
      const message = `Packages of the type "${shown(read.type)}" are not assessed by this Sluice.`;
      this.#list(place, listed, 'source.ecosystem', message);
      return;
    }
    const { pins, source } = this.#sourceOf(entry, read, intake);
    if (source.kind === 'registry') {
      source.type = read.type;
      source.notes.push(...(entry.notes ?? []));
      if (isOneOfSeveral) source.notes.push(contradiction('The document gives it several package URLs.'));
    }
    this.#items.add({ ...place, pinned: pins }, source, shownNames(listed), null);
  }

  /** Where the bytes of a purl come from, and the hashes that are known to be of its archive. */
  #sourceOf(
    entry: DocumentEntry,
    read: PurlRead,
    intake: Intake,
  ): { pins: Place['pinned']; source: ItemSource } {
    const none = readPin(undefined, entry.path);
    const { names } = intake;
    const { version } = read;
    if (version === null)
      return { pins: none, source: elsewhere('source.no-version', 'Its package URL has no version.') };
    if (!names.isVersion(version))
      return { pins: none, source: elsewhere('source.version', `"${shown(version)}" is no single version.`) };
    const name = names.canonicalName(nameOf(entry, read));
    if (!names.isName(name))
      return {
        pins: none,
        source: elsewhere('source.unreadable', `"${shown(name)}" is no name of a package.`),
      };
    const vcs = read.qualifiers.get('vcs_url');
    const downloads = downloadsOf(entry, read);
    const git = vcs ?? downloads.find(({ address }) => gitAddress.test(address))?.address;
    if (git !== undefined)
      return {
        pins: none,
        source: elsewhere('source.git', 'It comes from a repository, not from a registry.'),
      };
    if (downloads.some(({ address }) => fileAddress.test(address)))
      return { pins: none, source: elsewhere('source.file', 'It comes from a file or folder.') };
    const found = archiveOf(downloads, { name, version }, intake);
    const hashes = [...readChecksums(read.qualifiers.get('checksum')), ...(found?.hashes ?? [])];
    const integrity = integrityOf(hashes.slice(0, hashesMax));
    const pins = readPin(integrity, entry.path);
    const source = this.#registrySource({ name, version, integrity, found }, downloads, intake);
    if (source.kind === 'registry') {
      const repository = read.qualifiers.get('repository_url');
      if (repository !== undefined && !this.#isRegistry(repository, intake, name))
        source.notes.push(strange(`Its package URL names the repository ${shown(repository)}`, integrity));
      const differs = differenceOf(entry, read, intake);
      if (differs !== null && integrity === undefined) source.notes.push(contradiction(differs));
    }
    return { pins, source };
  }

  #registrySource(
    entry: { name: string; version: string; integrity: string | undefined; found: Download | null },
    downloads: readonly Download[],
    intake: Intake,
  ): ItemSource {
    const { name, version, integrity } = entry;
    const registriesOf = (of: string) => this.#options.registriesOf(intake.type, of);
    // An archive of another package version wins over the purl, as in a lockfile.
    const stated =
      entry.found ?? downloads.find(({ address }) => intake.archives?.archiveAt(address)) ?? null;
    if (stated && intake.archives)
      return intake.archives.sourceOf({ name, version, resolved: stated.address, integrity }, registriesOf);
    const notes = downloads
      .filter(({ address }) => !this.#isRegistry(address, intake, name))
      .slice(0, 1)
      .map(({ address }) => strange(`It is said to be at ${shown(address)}`, integrity));
    return { kind: 'registry', name, version, notes };
  }

  /** Whether an address is the registry's or below it. Purls leave out the scheme. */
  #isRegistry(address: string, intake: Intake, name: string): boolean {
    const written = withSlash(address.includes('://') ? address : `https://${address}`);
    return this.#options.registriesOf(intake.type, name).some((known) => written.startsWith(known));
  }

  #list(
    place: Place,
    { name, version }: Pick<DocumentEntry, 'name' | 'version'>,
    code: 'source.no-purl' | 'source.unreadable' | 'source.ecosystem',
    message: string,
  ): void {
    const listed = shownNames({ name: name ?? place.path, version });
    this.#items.addUnassessable(place, listed.name, listed.version, code, message);
  }
}

function placeOf({ path, dev = false, optional = false, direct = false }: DocumentEntry): Place {
  const pinned = readPin(undefined, path);
  return { path: shown(path), pinned, dev, optional, bundled: false, direct };
}

/** Names of documents may be any text; items have printable ones. */
function shownNames({ name, version }: { name: string; version: string | undefined }) {
  return { name: shown(name), version: version === undefined ? undefined : shown(version) };
}

function tryRead(text: string): PurlRead | null {
  try {
    return readPackageUrl(text);
  } catch (error) {
    if (error instanceof PermanentError) return null;
    throw error;
  }
}

/** Addresses of the document, and the one in the purl. */
function downloadsOf({ downloads = [] }: DocumentEntry, { qualifiers }: PurlRead): Download[] {
  const own = qualifiers.get('download_url');
  return own === undefined ? [...downloads] : [...downloads, { address: own, hashes: [] }];
}

/** The download whose address names the archive of exactly this package version. */
function archiveOf(
  downloads: readonly Download[],
  { name, version }: { name: string; version: string },
  { archives, names }: Intake,
): Download | null {
  const found = downloads.find(({ address }) => {
    const named = archives?.archiveAt(address);
    return named && names.canonicalName(named.name) === name && named.version === version;
  });
  return found ?? null;
}

/**
 * The name by which a package is looked up. Older rules for purls had names of some types in lower case; where the document has
 * the same name with capitals beside it, those letters count.
 */
function nameOf({ name }: DocumentEntry, read: PurlRead): string {
  return name !== undefined && name.toLowerCase() === read.name.toLowerCase() ? name : read.name;
}

/** How the name and version that a document states beside a purl differ from it; null where they agree. */
function differenceOf(entry: DocumentEntry, read: PurlRead, { names }: Intake): string | null {
  const { name, version } = entry;
  if (version !== undefined && read.version !== null && !isSame(version, read.version, names))
    return `The document states the version ${shown(version)}, and its package URL ${shown(read.version)}.`;
  if (name === undefined) return null;
  const own = names.canonicalName(name);
  const whole = names.canonicalName(read.name);
  // Many tools leave the namespace out of the name.
  const isNamed = own === whole || own === whole.split('/').at(-1);
  return isNamed ? null : `The document calls it ${shown(name)}, and its package URL ${shown(read.name)}.`;
}

function isSame(a: string, b: string, { compareVersions }: Intake['names']): boolean {
  return a === b || a === `v${b}` || compareVersions(a, b) === 0;
}

/** @param integrity with a pin, the bytes are those that are judged, and the address is only noted. */
function strange(what: string, integrity: string | undefined): Note {
  return integrity === undefined
    ? { code: 'source.unpinned', message: `${what}, and no pin ties those bytes to what is judged.` }
    : { code: 'resolved.elsewhere', message: `${what}.` };
}

function contradiction(message: string): Note {
  return { code: 'source.contradiction', message };
}

function elsewhere(code: Extract<ItemSource, { kind: 'elsewhere' }>['code'], message: string): ItemSource {
  return { kind: 'elsewhere', code, message };
}

function withSlash(address: string): string {
  return address.endsWith('/') ? address : `${address}/`;
}
