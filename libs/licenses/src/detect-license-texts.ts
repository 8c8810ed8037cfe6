import { firstEntry, licenseIndex, type LicenseIndex } from './license-index.ts';
import { mentionedLicenses } from './license-mentions.ts';
import { licenseWords, trigramHashes } from './license-words.ts';

export interface DetectedLicense {
  /** SPDX expression; the text of a GNU license cannot say "or later", so there it is always `…-only`. */
  expression: string;
  /** Part of the license's text that was found, 0 to 1; 0.5 where a short text only names the license. */
  score: number;
}

/** Longer files hold notices of dozens of bundled packages; the start is what speaks for the package itself. */
const textLengthMax = 500_000;
/** Below this part of a license's text a file only quotes it. */
const scoreMin = 0.8;
/** A license of which more than this is explained by the ones found before is a part of them. */
const ownPartMin = 0.5;
const licensesMax = 20;

/**
 * Finds the licenses whose text a file contains, the one with the most text first. Case, white space, markdown and
 * copyright lines do not matter, a few changed words neither. A short text without any may name a license instead.
 */
export function detectLicenseTexts(text: string): DetectedLicense[] {
  const words = licenseWords(text.slice(0, textLengthMax));
  const found = findTexts(licenseIndex(), new Set(trigramHashes(words)));
  return found.length > 0 ? found : mentionedLicenses(text, words.length);
}

function findTexts(index: LicenseIndex, text: Set<number>): DetectedLicense[] {
  const scores = countMatches(index, text).map((matched, owner) => matched / index.sizes[owner]!);
  const remaining = new Set(text);
  const found: DetectedLicense[] = [];
  while (found.length < licensesMax) {
    const best = bestLicense(index, scores, remaining);
    if (best === null) break;
    found.push({ expression: index.ids[best]!, score: Math.round(scores[best]! * 100) / 100 });
    removeLicense(index, best, remaining);
  }
  return found;
}

/**
 * The license that explains most of the text. Each missing trigram counts twice against it: that tells a license
 * from one that contains it (BSD with two and three clauses), whichever of them the file holds.
 */
function bestLicense(index: LicenseIndex, scores: readonly number[], remaining: Set<number>): number | null {
  let best: number | null = null;
  let bestWeight = -Infinity;
  countMatches(index, remaining).forEach((matched, owner) => {
    const size = index.sizes[owner]!;
    const weight = matched - 2 * size * (1 - scores[owner]!);
    if (scores[owner]! < scoreMin || matched < size * ownPartMin || weight <= bestWeight) return;
    best = owner;
    bestWeight = weight;
  });
  return best;
}

/** How many trigrams of each license the text has. */
function countMatches(index: LicenseIndex, text: Set<number>): number[] {
  const matched = new Array<number>(index.ids.length).fill(0);
  for (const hash of text) {
    for (let at = firstEntry(index, hash); at >= 0 && index.hashes[at] === hash; at += 1) {
      matched[index.owners[at]!]! += 1;
    }
  }
  return matched;
}

function removeLicense(index: LicenseIndex, owner: number, text: Set<number>): void {
  for (const hash of [...text]) {
    for (let at = firstEntry(index, hash); at >= 0 && index.hashes[at] === hash; at += 1) {
      if (index.owners[at] === owner) text.delete(hash);
    }
  }
}
