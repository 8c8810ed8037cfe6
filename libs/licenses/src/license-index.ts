import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { licenseWords, trigramHashes } from './license-words.ts';

/**
 * Which license text has which trigrams, as parallel arrays sorted by hash: seven bytes an entry, searched by halving.
 * A map of the same entries takes ten times the memory.
 */
export interface LicenseIndex {
  hashes: Uint32Array;
  /** Number of the text at the same position in `hashes`. */
  owners: Uint16Array;
  /** How often that text has that trigram. */
  counts: Uint8Array;
  /** SPDX identifier of each text; a license with usual variants has several texts. */
  ids: string[];
  /** Distinct trigrams of each text. */
  sizes: number[];
  /** Trigrams of the text behind a license's terms, such as how to apply it. Not every copy has it. */
  appendices: ReadonlySet<number>;
}

/** Builds the index over the SPDX list. */
export function buildSpdxIndex(): LicenseIndex {
  const texts = spdxTexts();
  return buildLicenseIndex(
    texts.flatMap(({ id, copies }) => copies.map((copy): [string, string] => [id, copy])),
    texts.flatMap(({ appendix }) => appendix),
  );
}

// An entry is hash and owner in one number, so that one numeric sort orders both and brings equal ones together.
const ownersMax = 0x1000;
const countMax = 0xff;

/**
 * @param texts license texts by SPDX identifier; of equal texts the first is kept.
 * @param appendices texts that may stand behind those.
 */
export function buildLicenseIndex(
  texts: Iterable<[id: string, text: string]>,
  appendices: readonly string[] = [],
): LicenseIndex {
  const ids: string[] = [];
  const entries: number[] = [];
  const seen = new Set<string>();
  for (const [id, text] of texts) {
    const words = licenseWords(text);
    if (seen.has(words)) continue;
    seen.add(words);
    for (const hash of trigramHashes(words)) entries.push(hash * ownersMax + ids.length);
    ids.push(id);
  }
  return {
    ...indexOf(new Float64Array(entries).sort(), ids),
    appendices: new Set(appendices.flatMap((text) => [...trigramHashes(licenseWords(text))])),
  };
}

function indexOf(sorted: Float64Array, ids: string[]): Omit<LicenseIndex, 'appendices'> {
  const hashes = new Uint32Array(sorted.length);
  const owners = new Uint16Array(sorted.length);
  const counts = new Uint8Array(sorted.length);
  const sizes = ids.map(() => 0);
  let size = 0;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const entry = sorted[from]!;
    while (sorted[to] === entry) to += 1;
    const owner = entry % ownersMax;
    hashes[size] = Math.floor(entry / ownersMax);
    owners[size] = owner;
    counts[size] = Math.min(to - from, countMax);
    sizes[owner]! += 1;
    size += 1;
  }
  // Copied, so that the room for repetitions is given back.
  return {
    hashes: hashes.slice(0, size),
    owners: owners.slice(0, size),
    counts: counts.slice(0, size),
    ids,
    sizes,
  };
}

/** How often each hash occurs. */
export function countEach(hashes: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return counts;
}

/** Position of the first entry with this hash, or -1. */
export function firstEntry(index: LicenseIndex, hash: number): number {
  let low = 0;
  let high = index.hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (index.hashes[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return index.hashes[low] === hash ? low : -1;
}

/** Whether one of these licenses, or its appendix, has the trigram. */
export function hasTrigram(index: LicenseIndex, ids: ReadonlySet<string>, hash: number): boolean {
  if (index.appendices.has(hash)) return true;
  for (let at = firstEntry(index, hash); at >= 0 && index.hashes[at] === hash; at += 1) {
    if (ids.has(index.ids[index.owners[at]!]!)) return true;
  }
  return false;
}

interface ListedText {
  id: string;
  copies: string[];
  appendix: string[];
}

function spdxTexts(): ListedText[] {
  const require = createRequire(import.meta.url);
  // Read, not required: the five megabytes of text can be freed once the index is there.
  const readJson = (name: string): unknown => JSON.parse(readFileSync(require.resolve(name), 'utf8'));
  const list = readJson('spdx-license-list/spdx-full.json') as Record<
    string,
    { osiApproved: boolean; licenseText: string }
  >;
  const deprecated = new Set(readJson('spdx-license-ids/deprecated.json') as string[]);
  return (
    Object.entries(list)
      // The text of a GNU license is the same for "only" and "or later"; it says no more than "only".
      .filter(([id]) => !deprecated.has(id) && !/-or-later$|\+$/.test(id))
      // Of equal texts the approved one is kept, then the shorter name.
      .sort(
        ([a, x], [b, y]) =>
          Number(y.osiApproved) - Number(x.osiApproved) || a.length - b.length || (a < b ? -1 : 1),
      )
      .map(([id, { licenseText }]) => {
        const terms = termsOf(licenseText);
        const appendix = terms.length < licenseText.length ? [licenseText.slice(terms.length)] : [];
        return { id, copies: usualTexts(id, terms), appendix };
      })
  );
}

/** The terms alone; the instructions behind this line are often left out. */
function termsOf(licenseText: string): string {
  return licenseText.split(/^\s*END OF TERMS AND CONDITIONS/im, 1)[0]!;
}

/** The text as copies have it. Source: SPDX matching guidelines, "omittable" and "replaceable" text. */
function usualTexts(id: string, terms: string): string[] {
  switch (id) {
    case 'LGPL-3.0-only':
      // The list's copy has the text of the GPL behind it, which comes in a file of its own.
      return [terms.split(/^\s*GNU GENERAL PUBLIC LICENSE/im)[0]!];
    case 'ISC':
      // The list's copy names the consortium where nearly all others name the author.
      return [terms.replace(/\bISC (?=DISCLAIMS|BE)/g, 'THE AUTHOR ')];
    case 'BSD-3-Clause':
      // The third clause has an older wording that is as common.
      return [
        terms,
        terms.replace(/Neither the name of.*?may be used/s, 'The name of the author may not be used'),
      ];
    default:
      return [terms];
  }
}
