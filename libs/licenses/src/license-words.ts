/**
 * License texts as sequences of words: differences without meaning between two copies of one license (case, line
 * breaks, comment and list marks, markdown, quotes, the copyright lines) are taken out.
 */

/** Not a long one: where a whole license stands on one line, it often starts with its copyright. */
const copyrightLine =
  /^[ \t*#/>;!-]*(?:(?:portions )?copyright[ \t]*(?:\(c\)|©|\d|<|\[|:)|\(c\)\s|©|all rights reserved).{0,160}$/gim;
/** The licensor, in each wording that copies use. Source: SPDX matching guidelines, "replaceable text". */
const licensor =
  /\bthe (?:copyright (?:holders?|owners?)|authors?|regents)(?: (?:and|or) (?:its |the |copyright )?(?:contributors|holders?|owners?))?\b/g;
/** Parts of a page that its reader does not see. */
const hidden = /<(style|script|head)\b[^>]{0,500}>[^]*?<\/\1\s*>/gi;
const markup = /<\/?[a-z][a-z0-9]*(?:\s[^<>]{0,200})?\/?>/gi;

/** Words that are spelled in two ways. */
const variant = /\b(?:sub)?licence\b|\bhttps\b/g;

/**
 * The words of a text in order, lower case, with one blank between them; without one-letter words (list marks are
 * among them). One text and not a list: hundreds of licenses are read at the start, and lists of their words would be most
 * of its cost.
 */
export function licenseWords(text: string): string {
  const plain = text.replace(hidden, ' ').replace(copyrightLine, ' ').replace(markup, ' ').toLowerCase();
  return (plain.match(/[a-z0-9]{2,}/g) ?? [])
    .join(' ')
    .replace(licensor, 'the licensor')
    .replace(variant, (word) => (word === 'https' ? 'http' : word.replace('licence', 'license')));
}

/**
 * 32-bit hashes of all runs of three words, in order of the text and with repetitions.
 * @param words as licenseWords gives them.
 */
export function trigramHashes(words: string): Uint32Array {
  const wordHashes = hashWords(words);
  const hashes = new Uint32Array(Math.max(0, wordHashes.length - 2));
  for (let i = 0; i < hashes.length; i += 1) {
    let hash = Math.imul(wordHashes[i]!, 0x9e3779b1) ^ wordHashes[i + 1]!;
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ wordHashes[i + 2]!;
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hashes[i] = hash ^ (hash >>> 16);
  }
  return hashes;
}

const blank = 0x20;
const fnvBasis = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** FNV-1a of each word. */
function hashWords(words: string): Uint32Array {
  const hashes = new Uint32Array(countWords(words));
  let hash = fnvBasis;
  let word = 0;
  for (let at = 0; at < words.length; at += 1) {
    const code = words.charCodeAt(at);
    if (code !== blank) hash = Math.imul(hash ^ code, fnvPrime);
    else {
      hashes[word] = hash;
      word += 1;
      hash = fnvBasis;
    }
  }
  if (words !== '') hashes[word] = hash;
  return hashes;
}

/** @param words as licenseWords gives them. */
export function countWords(words: string): number {
  if (words === '') return 0;
  let count = 1;
  for (let at = words.indexOf(' '); at >= 0; at = words.indexOf(' ', at + 1)) count += 1;
  return count;
}
