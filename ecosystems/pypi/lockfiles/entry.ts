import {
  PermanentError,
  unreadable,
  type IntegrityAlgorithm,
  type Pin,
  type PinsRead,
  type StatedPlatforms,
  plainAddress,
} from '@sluice/contracts';
import {
  shown,
  type FormatOptions,
  type ItemCollector,
  type ItemSource,
  type Note,
  type SourceCode,
} from '@sluice/intake';
import { readFileName } from '../file-names.ts';
import { pypiNames } from '../names.ts';
import { normaliseVersion } from '../versions.ts';

/** One package of a lockfile of Python, as all formats have it. */
export interface PypiEntry {
  /** Place in the file, for people. */
  path: string;
  name: string;
  /** Exact; undefined where the entry states none. */
  version: string | undefined;
  /** `sha256:<hex>`, one for each file that may be installed. */
  hashes: readonly string[];
  /** Addresses of its files, where the installer takes them from there. */
  fileUrls?: readonly string[];
  /** Addresses of the indexes that it may come from; none for those that the installer is configured with. */
  indexes?: readonly string[];
  dev?: boolean;
  optional?: boolean;
  direct?: boolean;
  platforms?: StatedPlatforms | null;
  /** Why it does not come from an index. */
  elsewhere?: { code: SourceCode; message: string };
}

/** A version with more files than that is junk, and junk must not cost time. */
const hashesMax = 5_000;
const digits: Record<IntegrityAlgorithm, number> = { sha512: 128, sha384: 96, sha256: 64, sha1: 40 };

/**
 * Puts an entry into the list.
 * @throws PermanentError `input.invalid` for a name that no index can have.
 */
export function addEntry(collector: ItemCollector, entry: PypiEntry, { registriesOf }: FormatOptions): void {
  const { path, name, version, hashes, elsewhere } = entry;
  if (!pypiNames.isName(name))
    throw new PermanentError('input.invalid', `${shown(path)}: "${shown(name)}" is not a package name.`);
  const canonical = pypiNames.canonicalName(name);
  const source = elsewhere
    ? { kind: 'elsewhere' as const, ...elsewhere }
    : indexSource(entry, canonical, registriesOf(canonical));
  const place = {
    path,
    pinned: source.kind === 'registry' ? readHashes(hashes) : { pins: [], note: null },
    dev: entry.dev ?? false,
    optional: entry.optional ?? false,
    bundled: false,
    direct: entry.direct ?? false,
    platforms: entry.platforms ?? null,
  };
  collector.add(place, source, { name: canonical, version }, null);
}

function indexSource(entry: PypiEntry, name: string, known: readonly string[]): ItemSource {
  const { version: stated, hashes, indexes = [], fileUrls = [] } = entry;
  if (stated === undefined)
    return { kind: 'elsewhere', code: 'source.no-version', message: 'The lockfile states no version.' };
  const version = normaliseVersion(stated);
  if (version === null)
    return {
      kind: 'elsewhere',
      code: 'source.version',
      message: 'It states no single version: installers choose one.',
    };
  const isPinned = hashes.length > 0;
  const notes: Note[] = [];
  for (const index of new Set(indexes)) {
    const stranger = strangeness(index, known);
    if (stranger !== null) notes.push(addressNote(`Its index ${stranger}`, isPinned));
  }
  const contradiction = fileUrls.find((url) => !isFileOf(url, name, version));
  if (contradiction !== undefined) {
    const message = `Listed as ${name} ${version}, but one of its files is ${shown(fileOf(contradiction))}.`;
    notes.push({ code: 'source.contradiction', message });
  }
  if (fileUrls.length > hashes.length)
    notes.push({ code: 'source.unpinned', message: 'One of its files has an address and no hash.' });
  return { kind: 'registry', name, version, notes };
}

/** Why the files of an index may be others than those that are assessed; null for the configured one. */
function strangeness(index: string, known: readonly string[]): string | null {
  if (!URL.canParse(index)) return 'has an address that cannot be read';
  const url = new URL(index);
  if (url.username || url.password) return 'has credentials in its address';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is not on the network';
  if (known.includes(plainAddress(index))) return null;
  return url.protocol === 'https:' ? `is on ${url.host}, and is not the configured one` : 'is not https';
}

function addressNote(what: string, isPinned: boolean): Note {
  return isPinned
    ? { code: 'resolved.elsewhere', message: `${what}.` }
    : { code: 'source.unpinned', message: `${what}, and no hash ties those bytes to what is judged.` };
}

function fileOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  } catch {
    return path;
  }
}

function isFileOf(url: string, name: string, version: string): boolean {
  const read = readFileName(fileOf(url), name);
  return read !== null && pypiNames.compareVersions(read.version, version) === 0;
}

/** Each hash is of another file of the version. A text that is no hash is noted: an installer may read more in it. */
export function readHashes(hashes: readonly string[]): PinsRead {
  const pins: Pin[] = [];
  let note: PinsRead['note'] = null;
  for (const text of new Set(hashes.slice(0, hashesMax))) {
    const [, algorithm = '', hex = ''] = /^(sha512|sha384|sha256|sha1):([0-9a-f]+)$/i.exec(text) ?? [];
    const known = algorithm.toLowerCase() as IntegrityAlgorithm;
    if (digits[known] === hex.length) pins.push({ algorithm: known, hex: hex.toLowerCase() });
    else note = unreadable(`"${shown(text)}"`);
  }
  if (hashes.length > hashesMax) note = unreadable(`of ${hashes.length} hashes`);
  return { pins, note };
}
