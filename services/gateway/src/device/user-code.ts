import { randomInt } from 'node:crypto';

/** Without vowels, which make words, and without what looks like something else (RFC 8628, 6.1): 20 letters, 34 bits in 8. */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 8;
const form = new RegExp(`^[${alphabet}]{${length}}$`);

/** A code that a person types, as it is kept. */
export function newUserCode(): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]!).join('');
}

/** As it is shown: two halves with a dash. */
export const shownUserCode = (code: string): string =>
  `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;

/** The code that a person typed, in either case and with dashes or blanks; null for anything else. */
export function readUserCode(typed: string): string | null {
  const code = typed.toUpperCase().replaceAll(/[\s-]/g, '');
  return form.test(code) ? code : null;
}
