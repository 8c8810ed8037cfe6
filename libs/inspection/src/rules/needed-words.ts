import { hasTextSignal } from '../source/text-signals.ts';
import { WordsIn, type WordKind } from '../source/words-in.ts';
import { fileRules } from './archive-rules.ts';

/**
 * When a file of JavaScript is parsed: at once where a rule over it can fire, after all others where only its signals can
 * matter to the package, or never.
 */
export type Need = 'now' | 'never' | PutOffNeed;

/** Its ends of a theft across files. */
export interface PutOffNeed {
  isSource: boolean;
  isSink: boolean;
}

const needs = fileRules.flatMap((rule) => rule.needs ?? []);

/** What the installation must not do without being seen, and what one file can give to another. */
const signalling: WordKind[][] = [['network'], ['code'], ['secrets'], ['computed'], ['handsOn'], ['machine']];

export function needOf(text: string): Need {
  const words = new WordsIn(text);
  // In its comments a text means nothing, so that the tree decides.
  if (words.hasOneOf(needs) || hasTextSignal(text)) return 'now';
  return words.hasOneOf(signalling)
    ? {
        isSource: words.hasOneOf([['secrets'], ['machine']]),
        isSink: words.hasOneOf([['network'], ['computed']]),
      }
    : 'never';
}
