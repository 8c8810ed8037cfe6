import { PermanentError, readPackageUrl, type PurlRead, type Submission } from '@sluice/contracts';
import type { DocumentOptions, Intake } from '../format.ts';
import { ItemCollector, type ItemSource, type Note, type Place } from '../item-collector.ts';
import { readPin } from '../read-pin.ts';
import { shown } from '../shown.ts';
import {
  contradiction,
  differencesOf,
  nameOf,
  strange,
  unclearHashes,
  type NamedEntry,
} from './purl-differences.ts';
import { integrityOf, readChecksums, type StatedHash } from './stated-hashes.ts';

/** A package as a document states it. */
export interface DocumentEntry extends NamedEntry {
  /** Where it stands: a reference of the document's own, or a line. */
  path: string;
  /** All package URLs that the document gives it. */
  purls: readonly string[];
  /** Addresses at which its archive is said to be, each with the hashes that are said to be of the bytes there. */
  downloads?: readonly Download[];
  /** Hashes of the package itself, whatever the tool hashed. */
  hashes?: readonly StatedHash[];
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
  readonly #tools: readonly string[];

  /** @param tools that made the document, as `vendor/name`. */
  constructor(options: DocumentOptions, tools: readonly string[] = []) {
    this.#tools = tools;
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

  /**
   * The software that the document is about. Its parts are judged, not the software itself, unless the document says that a registry
   * has it.
   */
  addSubject(entry: DocumentEntry): void {
    if (entry.purls.some((text) => this.#isPublished(entry, text))) {
      this.add(entry);
      return;
    }
    const { name, version } = shownNames({ name: entry.name ?? entry.path, version: entry.version });
    const message = 'The software that the document describes: its parts are judged.';
    this.#items.addUnassessable(placeOf(entry), name, version, 'source.workspace', message);
  }

  /** Whether a download of an entry is an archive in a registry, or on the host of one. */
  #isPublished({ downloads = [] }: DocumentEntry, text: string): boolean {
    const read = tryRead(text);
    const intake = read && this.#intakes.get(read.type);
    if (!intake) return false;
    return downloads.some(
      ({ address }) => intake.archives?.archiveAt(address) || this.#isOnHost(address, intake, read.name),
    );
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
    const { hashes, isUnclear } = this.#hashesOf(entry, read, found, intake);
    const integrity = integrityOf(hashes);
    const pins = readPin(integrity, entry.path);
    const source = this.#registrySource({ name, version, integrity, found }, downloads, intake);
    if (source.kind === 'registry') {
      const repository = read.qualifiers.get('repository_url');
      if (repository !== undefined && !this.#isRegistry(repository, intake, name))
        source.notes.push(strange(`Its package URL names the repository ${shown(repository)}`, integrity));
      source.notes.push(...differencesOf(entry, read, intake, integrity !== undefined || found !== null));
      if (isUnclear) source.notes.push(unclearHashes);
    }
    return { pins, source };
  }

  /**
   * The hashes of the archive, which alone are pins: those of the purl; those beside an address that names the archive; and those of
   * the package where such an address stands beside them, or where the tool is known to mean the archive.
   */
  #hashesOf(
    { hashes = [] }: DocumentEntry,
    { qualifiers }: PurlRead,
    found: Download | null,
    { archives }: Intake,
  ): { hashes: StatedHash[]; isUnclear: boolean } {
    const beside = [...readChecksums(qualifiers.get('checksum')), ...(found?.hashes ?? [])];
    const isKnownTool = this.#tools.some((tool) => archives?.hashedBy?.test(tool));
    if (beside.length === 0 && (found || isKnownTool)) beside.push(...hashes);
    return {
      hashes: beside.slice(0, hashesMax),
      isUnclear: beside.length === 0 && integrityOf(hashes) !== undefined,
    };
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
      // Tools also state the registry's page of a package.
      .filter(({ address }) => !this.#isOnHost(address, intake, name))
      .slice(0, 1)
      .map(({ address }) => strange(`It is said to be at ${shown(address)}`, integrity));
    return { kind: 'registry', name, version, notes };
  }

  /** Whether an address is the registry's or below it. Purls leave out the scheme. */
  #isRegistry(address: string, intake: Intake, name: string): boolean {
    const written = withSlash(address.includes('://') ? address : `https://${address}`);
    return this.#options.registriesOf(intake.type, name).some((known) => written.startsWith(known));
  }

  #isOnHost(address: string, intake: Intake, name: string): boolean {
    if (!URL.canParse(address)) return false;
    const { origin, username } = new URL(address);
    const registries = this.#options.registriesOf(intake.type, name);
    return username === '' && registries.some((known) => new URL(known).origin === origin);
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

function elsewhere(code: Extract<ItemSource, { kind: 'elsewhere' }>['code'], message: string): ItemSource {
  return { kind: 'elsewhere', code, message };
}

function withSlash(address: string): string {
  return address.endsWith('/') ? address : `${address}/`;
}
