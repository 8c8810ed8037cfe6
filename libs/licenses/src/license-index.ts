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
}

let loaded: LicenseIndex | undefined;

/** The index over the SPDX list, built at first use. */
export function licenseIndex(): LicenseIndex {
  loaded ??= buildLicenseIndex(spdxTexts());
  return loaded;
}

// An entry is hash, owner and count in one number, so that one numeric sort orders all three: 32 + 12 + 8 bits.
const ownersMax = 0x1000;
const countsMax = 0x100;

/** @param texts license texts by SPDX identifier; of equal texts the first is kept. */
export function buildLicenseIndex(texts: Iterable<[id: string, text: string]>): LicenseIndex {
  const ids: string[] = [];
  const sizes: number[] = [];
  const entries: number[] = [];
  const seen = new Set<string>();
  for (const [id, text] of texts) {
    const words = licenseWords(text);
    const key = words.join(' ');
    if (seen.has(key)) continue;
    seen.add(key);
    const counts = countEach(trigramHashes(words));
    for (const [hash, count] of counts) {
      entries.push((hash * ownersMax + ids.length) * countsMax + Math.min(count, countsMax - 1));
    }
    ids.push(id);
    sizes.push(counts.size);
  }
  const sorted = Float64Array.from(entries).sort();
  return {
    hashes: Uint32Array.from(sorted, (entry) => Math.floor(entry / (ownersMax * countsMax))),
    owners: Uint16Array.from(sorted, (entry) => Math.floor(entry / countsMax) % ownersMax),
    counts: Uint8Array.from(sorted, (entry) => entry % countsMax),
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

function spdxTexts(): [string, string][] {
  const require = createRequire(import.meta.url);
  // Read, not required: nobody needs five megabytes of text once the index is there.
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
      .flatMap(([id, { licenseText }]) =>
        usualTexts(id, licenseText).map((text): [string, string] => [id, text]),
      )
  );
}

/** The text as copies have it. Source: SPDX matching guidelines, "omittable" and "replaceable" text. */
function usualTexts(id: string, licenseText: string): string[] {
  // The instructions behind this line are often left out.
  const [terms = ''] = licenseText.split(/^\s*END OF TERMS AND CONDITIONS/im);
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
