import { expect, test } from 'vitest';
import { capabilityWords } from './capability-words.ts';
import { requiredLiterals } from './required-literals.ts';
import { usesOf } from './words-in.ts';

test.each(Object.entries(capabilityWords))(
  'the texts that are looked for first are in each use of %s',
  (_kind, words) => {
    for (const { pattern, required } of usesOf(words)) {
      const found = requiredLiterals(pattern);
      const isCovered = (literal: string) => required!.some((text) => literal.includes(text));
      expect(found === null ? required : found.filter((literal) => !isCovered(literal))).toEqual(found && []);
    }
  },
);
