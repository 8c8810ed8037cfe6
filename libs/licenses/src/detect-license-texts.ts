import { withoutBoilerplate } from './license-boilerplate.ts';
import { countEach, firstEntry, hasTrigram, type LicenseIndex } from './license-index.ts';
import { mentionedLicenses } from './license-mentions.ts';
import {
  hasRider,
  isOwnAgreement,
  leftoverRuns,
  restrictsName,
  unrecognisedTerms,
  withAdditionalTerms,
} from './license-riders.ts';
import { countWords, licenseWords, trigramHashes } from './license-words.ts';
import { licenseIndex } from './spdx-index.ts';

export interface DetectedLicense {
  /** SPDX expression; the text of a GNU license cannot say "or later", so there it is always `…-only`. */
  expression: string;
  /** Part of the license's text that was found, 0 to 1; 0.5 where a short text only names the license. */
  score: number;
}

/** Longer files hold notices of dozens of bundled packages; the start is about the package itself. */
const textLengthMax = 500_000;
/** Below this part of a license's text a file only quotes it. */
const scoreMin = 0.8;
/** A license of which more than this is explained by the ones found before is a part of them. */
const ownPartMin = 0.5;
const licensesMax = 20;
/** Words of these take nothing back, wherever they stand: many a license is written from pieces of them. */
const commonTexts = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause'];
/** Nothing of a known license was found. */
const unrecognisedScore = 0;

/**
 * Finds the licenses whose text a file contains, the one with the most text first. Case, white space, markdown and
 * copyright lines do not matter, a few changed words neither. A short text without any may name a license instead.
 *
 * A license to which the file adds terms is another license: `LicenseRef-<id>-with-additional-terms`.
 * @param isWholeFile false for a part of a README, where other words than a license's are no terms.
 */
export function detectLicenseTexts(text: string, isWholeFile = true): DetectedLicense[] {
  const words = licenseWords(text.slice(0, textLengthMax));
  const texts = isWholeFile ? rememberedTexts(words) : findTexts(words, isWholeFile);
  if (texts.length > 0) return [...texts];
  const wordCount = countWords(words);
  const named = mentionedLicenses(text, wordCount);
  if (named.length > 0) return restrictsName(words) ? named.map(withRider) : named;
  const index = licenseIndex();
  const unknown = leftoverRuns(words, trigramHashes(words), (hash) => firstEntry(index, hash) >= 0);
  return isWholeFile && isOwnAgreement(words, wordCount, unknown)
    ? [{ expression: unrecognisedTerms, score: unrecognisedScore }]
    : [];
}

function withRider({ expression, score }: DetectedLicense): DetectedLicense {
  return { expression: withAdditionalTerms(expression), score };
}

/** Licenses by the words of a whole file. Most packages have the same few texts. */
const remembered = new Map<string, readonly DetectedLicense[]>();
/** At most 2.4 MB: as many texts as there are usual wordings, and none much longer than that of Apache-2.0. */
const rememberedMax = 200;
const rememberedLengthMax = 12_000;

function rememberedTexts(words: string): readonly DetectedLicense[] {
  const known = remembered.get(words);
  if (known) return known;
  const texts = findTexts(words, true);
  if (words.length <= rememberedLengthMax && remembered.size < rememberedMax) remembered.set(words, texts);
  return texts;
}

function findTexts(words: string, isWholeFile: boolean): readonly DetectedLicense[] {
  const index = licenseIndex();
  const texts = matchTexts(index, trigramHashes(words));
  if (texts.length === 0) return texts;
  const ids = new Set([...commonTexts, ...texts.map(({ expression }) => expression)]);
  const said = withoutBoilerplate(words, restrictsName);
  const leftover = leftoverRuns(said, trigramHashes(said), (hash) => hasTrigram(index, ids, hash));
  return hasRider(leftover, isWholeFile) ? texts.map(withRider) : texts;
}

function matchTexts(index: LicenseIndex, trigrams: Iterable<number>): DetectedLicense[] {
  // How often each is left: licenses share sentences, and a file with two of them has those twice.
  const remaining = countEach(trigrams);
  const scores = matchesOf(index, remaining).map((matched, owner) => matched / index.sizes[owner]!);
  const found = new Map<string, DetectedLicense>();
  while (found.size < licensesMax) {
    const best = bestText(index, scores, remaining);
    if (best === null) break;
    const expression = index.ids[best]!;
    // A second copy of a license, or its variant, is no news.
    if (!found.has(expression))
      found.set(expression, { expression, score: Math.round(scores[best]! * 100) / 100 });
    removeCopies(index, best, remaining);
    scores[best] = 0;
  }
  return [...found.values()];
}

/**
 * The license text that covers most of the remaining words. Each missing trigram counts twice against it: that tells a
 * license from one that contains it (BSD with two and three clauses), whichever of them the file holds.
 */
function bestText(
  index: LicenseIndex,
  scores: readonly number[],
  remaining: Map<number, number>,
): number | null {
  let best: number | null = null;
  let bestWeight = -Infinity;
  matchesOf(index, remaining).forEach((matched, owner) => {
    const size = index.sizes[owner]!;
    const weight = matched - 2 * size * (1 - scores[owner]!);
    if (scores[owner]! < scoreMin || matched < size * ownPartMin || weight <= bestWeight) return;
    best = owner;
    bestWeight = weight;
  });
  return best;
}

/** How many trigrams of each license text the file has. */
function matchesOf(index: LicenseIndex, text: ReadonlyMap<number, number>): number[] {
  const matches = index.ids.map(() => 0);
  for (const hash of text.keys()) {
    for (let at = firstEntry(index, hash); at >= 0 && index.hashes[at] === hash; at += 1) {
      matches[index.owners[at]!]! += 1;
    }
  }
  return matches;
}

/** Takes a license text out of the file, as many times as most of its trigrams say that it is there. */
function removeCopies(index: LicenseIndex, owner: number, text: Map<number, number>): void {
  const own = [...text].flatMap(([hash, count]) => {
    for (let at = firstEntry(index, hash); at >= 0 && index.hashes[at] === hash; at += 1) {
      if (index.owners[at] === owner) return [{ hash, count, perCopy: index.counts[at]! }];
    }
    return [];
  });
  const copies =
    own.map(({ count, perCopy }) => count / perCopy).toSorted((a, b) => a - b)[own.length >> 1] ?? 1;
  for (const { hash, count, perCopy } of own) {
    const left = count - Math.ceil(copies) * perCopy;
    if (left > 0) text.set(hash, left);
    else text.delete(hash);
  }
}
