import { capabilityWords } from './capability-words.ts';
import { QuickPattern } from './quick-pattern.ts';
import { WordsIn, type WordKind } from './words-in.ts';

/** In a file of this size everything belongs together, and a word in a comment may be worth a look. */
const smallMax = 16 * 1024;
/** Of the other kinds an attack needs two, such as the network and text that becomes code. */
const kindsMin = 2;

/** A program that is started can be a whole attack, and a secret that one file reads can be sent by another. */
const enough: WordKind[][] = [['programs'], ['secrets'], ['handsOn']];
/** Each counts once: what hides a name, and what hides a text, come together. */
const otherUses: WordKind[][][] = [[['network']], [['code']], [['decoders'], ['computed']], [['changes']]];
/** Mentions that are no use, for words that are rare enough to be looked into wherever they stand. */
const mentions = [
  ...Object.values(capabilityWords).flatMap(({ globals }) =>
    globals.map((name) => new RegExp(String.raw`\b${name}\b`)),
  ),
  /\b(?:execa|Function|got|needle|request|shelljs)\s*\(/,
  /process\b.{0,4}\benv/,
  /addEventListener/,
].map((pattern) => new QuickPattern(pattern));

/**
 * Whether a JavaScript file uses capabilities at all; parsing is some fifty times slower than this question. Large files
 * have single words in their comments, their properties and their lists of words.
 */
export function mayMatter(words: WordsIn): boolean {
  if (words.hasOneOf(enough)) return true;
  if (words.text.length <= smallMax)
    return (
      otherUses.some((use) => words.hasOneOf(use)) || mentions.some((pattern) => pattern.test(words.text))
    );
  return otherUses.filter((use) => words.hasOneOf(use)).length >= kindsMin;
}
