/**
 * License texts as sequences of words: what differs between two copies of one license without meaning (case, line
 * breaks, comment and list marks, markdown, quotes, the copyright lines) is taken out.
 */

/** Not a long one: where a whole license stands on one line, it often starts with its copyright. */
const copyrightLine =
  /^[ \t*#/>;!-]*(?:(?:portions )?copyright[ \t]*(?:\(c\)|©|\d|<|\[|:)|\(c\)\s|©|all rights reserved).{0,160}$/gim;
/** Whoever licenses, in any of the ways that copies name them. Source: SPDX matching guidelines, "replaceable text". */
const licensor =
  /\bthe (?:copyright (?:holders?|owners?)|authors?|regents)(?: (?:and|or) (?:its |the |copyright )?(?:contributors|holders?|owners?))?\b/g;
const markup = /<\/?[a-z][a-z0-9]*(?:\s[^<>]{0,200})?\/?>/gi;

/** The words of a text in order, lower case, without one-letter words (list marks are among them). */
export function licenseWords(text: string): string[] {
  const plain = text.replace(copyrightLine, ' ').replace(markup, ' ').toLowerCase();
  const words = (plain.match(/[a-z0-9]{2,}/g) ?? []).join(' ').replace(licensor, 'the licensor').split(' ');
  return words.map((word) => spellings[word] ?? word);
}

const spellings: Record<string, string> = { licence: 'license', sublicence: 'sublicense', https: 'http' };

/** 32-bit hashes of all runs of three words, in order of the text and with repetitions. */
export function trigramHashes(words: readonly string[]): Uint32Array {
  const hashes = new Uint32Array(Math.max(0, words.length - 2));
  const wordHashes = Uint32Array.from(words, hashWord);
  for (let i = 0; i < hashes.length; i += 1) {
    let hash = Math.imul(wordHashes[i]!, 0x9e3779b1) ^ wordHashes[i + 1]!;
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ wordHashes[i + 2]!;
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hashes[i] = hash ^ (hash >>> 16);
  }
  return hashes;
}

/** FNV-1a. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
