import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { licenseWords, trigramHashes } from './license-words.ts';

/**
 * Which license has which trigrams, as two parallel arrays sorted by hash: six bytes an entry, searched by halving.
 * A map of the same entries takes ten times the memory.
 */
export interface LicenseIndex {
  hashes: Uint32Array;
  /** Number of the license of the same position in `hashes`. */
  owners: Uint16Array;
  ids: string[];
  /** Distinct trigrams of each license. */
  sizes: number[];
}

let loaded: LicenseIndex | undefined;

/** The index over the SPDX list, built at first use. */
export function licenseIndex(): LicenseIndex {
  loaded ??= buildLicenseIndex(spdxTexts());
  return loaded;
}

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
    const distinct = new Set(trigramHashes(words));
    for (const hash of distinct) entries.push(hash * 0x1_0000 + ids.length);
    ids.push(id);
    sizes.push(distinct.size);
  }
  const sorted = Float64Array.from(entries).sort();
  return {
    hashes: Uint32Array.from(sorted, (entry) => Math.floor(entry / 0x1_0000)),
    owners: Uint16Array.from(sorted, (entry) => entry % 0x1_0000),
    ids,
    sizes,
  };
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
      .map(([id, { licenseText }]) => [id, essentialText(id, licenseText)])
  );
}

/** The part of a license's text that every copy has. Source: SPDX matching guidelines, "omittable" and "replaceable" text. */
function essentialText(id: string, licenseText: string): string {
  // The instructions behind this line are often left out.
  const [terms] = licenseText.split(/^\s*END OF TERMS AND CONDITIONS/im);
  // The list's copy has the text of the GPL behind it, which comes in a file of its own.
  if (id === 'LGPL-3.0-only') return terms!.split(/^\s*GNU GENERAL PUBLIC LICENSE/im)[0]!;
  // The list's copy names the consortium where nearly all others name the author.
  return id === 'ISC' ? terms!.replace(/\bISC (?=DISCLAIMS|BE)/g, 'THE AUTHOR ') : terms!;
}
