import { firstEntry, licenseIndex, type LicenseIndex } from './license-index.ts';
import { licenseWords, trigramHashes } from './license-words.ts';

export interface DetectedLicense {
  /** SPDX identifier; the text of a GNU license cannot say "or later", so it is always `…-only`. */
  expression: string;
  /** Part of the license's text that was found, 0 to 1. */
  score: number;
}

/** Longer files hold notices of dozens of bundled packages; the start is what speaks for the package itself. */
const textLengthMax = 500_000;
/** Below this part of a license's text a file only quotes it. Measured on LICENSE files of popular packages. */
const scoreMin = 0.8;
const licensesMax = 20;

/**
 * Finds the licenses whose text a file contains, the one with the most text first. Case, white space, markdown and
 * copyright lines do not matter, a few changed words neither.
 */
export function detectLicenseTexts(text: string): DetectedLicense[] {
  const index = licenseIndex();
  const remaining = new Set(trigramHashes(licenseWords(text.slice(0, textLengthMax))));
  const found: DetectedLicense[] = [];
  while (found.length < licensesMax) {
    const best = bestLicense(index, remaining);
    if (!best) return found;
    found.push({ expression: index.ids[best.owner]!, score: Math.round(best.score * 100) / 100 });
    removeLicense(index, best.owner, remaining);
  }
  return found;
}

/**
 * The license that explains most of the text. Each missing trigram counts twice against it: that tells a license
 * from one that contains it (BSD with two and three clauses), whichever of them the file holds.
 */
function bestLicense(index: LicenseIndex, text: Set<number>): { owner: number; score: number } | null {
  const matched = new Uint32Array(index.ids.length);
  for (const hash of text) {
    for (let at = firstEntry(index, hash); at >= 0 && index.hashes[at] === hash; at += 1) {
      matched[index.owners[at]!]! += 1;
    }
  }
  let best: { owner: number; score: number; weight: number } | null = null;
  for (let owner = 0; owner < matched.length; owner += 1) {
    const size = index.sizes[owner]!;
    const score = matched[owner]! / size;
    const weight = matched[owner]! - 2 * (size - matched[owner]!);
    if (score >= scoreMin && (!best || weight > best.weight)) best = { owner, score, weight };
  }
  return best;
}

function removeLicense(index: LicenseIndex, owner: number, text: Set<number>): void {
  for (const hash of [...text]) {
    for (let at = firstEntry(index, hash); at >= 0 && index.hashes[at] === hash; at += 1) {
      if (index.owners[at] === owner) text.delete(hash);
    }
  }
}
