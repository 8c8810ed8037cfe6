import { literalLengthMin, requiredLiterals } from './required-literals.ts';

/**
 * A pattern that is tried only on texts that contain what each of its matches needs. Dozens of patterns over a text take as long
 * as one pass over its characters and those few that can match.
 */
export class QuickPattern {
  readonly pattern: RegExp;
  readonly everywhere: RegExp;
  /** Numbers of its literals; null for a pattern that needs none. */
  readonly literals: readonly number[] | null;
  /** Those literals. */
  readonly required: readonly string[] | null;

  /**
   * @param pattern without the flags `g` and `y`.
   * @param required texts of which every match has one, in lower case; found in the pattern where they are not given, which
   * takes most of the start of a process.
   */
  constructor(pattern: RegExp, required: readonly string[] | null = requiredLiterals(pattern)) {
    this.pattern = pattern;
    this.everywhere = new RegExp(pattern, `${pattern.flags}g`);
    this.required = required;
    this.literals = required?.map((literal) => register(literal)) ?? null;
  }

  test(text: string): boolean {
    return this.#canMatch(text) && this.pattern.test(text);
  }

  exec(text: string): RegExpExecArray | null {
    return this.#canMatch(text) ? this.pattern.exec(text) : null;
  }

  matchAll(text: string): Iterable<RegExpExecArray> {
    return this.#canMatch(text) ? text.matchAll(this.everywhere) : [];
  }

  #canMatch(text: string): boolean {
    // A pattern over a line takes no longer than the question.
    if (this.literals === null || text.length < shortMax) return true;
    const seen = literalsIn(text);
    return this.literals.some((literal) => seen[literal] === 1);
  }
}

/** Several patterns that are asked about many short texts, of which hardly any fits one. */
export class QuickPatterns {
  /** One for the number of each literal; null when a pattern needs none. */
  readonly #literals: Uint8Array | null;

  constructor(patterns: readonly QuickPattern[]) {
    const needed = patterns.map(({ literals }) => literals);
    this.#literals = needed.includes(null) ? null : new Uint8Array(numbers.size);
    for (const literal of needed.flatMap((literals) => literals ?? []))
      if (this.#literals) this.#literals[literal] = 1;
  }

  /** Whether a text has anything that a match of one of the patterns needs. */
  mayMatch(text: string): boolean {
    const wanted = this.#literals;
    if (wanted === null) return true;
    let key = 0;
    for (let at = 0; at < text.length; at += 1) {
      key = ((key << bits) | (text.charCodeAt(at) & characterMask)) & keyMask;
      if (isKey[key] !== 1) continue;
      for (const { number, text: literal, end } of byKey[key]!)
        if (wanted[number] === 1 && standsAt(literal, text, at + 1 - end)) return true;
    }
    return false;
  }
}

const shortMax = 256;

interface Literal {
  number: number;
  text: string;
  /** Where the part that it is looked up by ends in it. */
  end: number;
}

/**
 * Three characters in a row are looked up as one number of which each has five bits: letters of both cases are one, and
 * some marks are letters. The table is small enough for the processor's first cache.
 */
const bits = 5;
const characterMask = (1 << bits) - 1;
const keyMask = (1 << (bits * literalLengthMin)) - 1;
/** How many of a thousand characters of code have these five bits. */
const frequencies = [
  194, 44, 19, 25, 22, 74, 19, 15, 29, 57, 34, 7, 37, 21, 58, 45, 27, 6, 49, 44, 59, 23, 8, 5, 7, 10, 6, 20,
  5, 23, 1, 6,
];

const numbers = new Map<string, number>();
const byKey: (Literal[] | undefined)[] = Array.from({ length: keyMask + 1 });
/** One for the keys of literals. */
const isKey = new Uint8Array(keyMask + 1);

function register(text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  const number = numbers.size;
  numbers.set(text, number);
  const { key, end } = rarestKey(text);
  byKey[key] = [...(byKey[key] ?? []), { number, text, end }];
  isKey[key] = 1;
  scanned = null;
  return number;
}

function rarestKey(text: string): { key: number; end: number } {
  let best = { key: 0, end: 0, frequency: Infinity };
  for (let end = literalLengthMin; end <= text.length; end += 1) {
    let key = 0;
    let frequency = 1;
    for (let at = end - literalLengthMin; at < end; at += 1) {
      const character = text.charCodeAt(at) & characterMask;
      key = (key << bits) | character;
      frequency *= frequencies[character]!;
    }
    if (frequency < best.frequency) best = { key, end, frequency };
  }
  return best;
}

/** The text that was looked through last: all patterns are asked about one text before the next one. */
let scanned: { text: string; seen: Uint8Array } | null = null;

/** For each literal, by its number, whether the text has it in any case. */
function literalsIn(text: string): Uint8Array {
  if (scanned?.text === text) return scanned.seen;
  const seen = new Uint8Array(numbers.size);
  let key = 0;
  for (let at = 0; at < text.length; at += 1) {
    key = ((key << bits) | (text.charCodeAt(at) & characterMask)) & keyMask;
    if (isKey[key] === 1) lookUp(key, text, at + 1, seen);
  }
  scanned = { text, seen };
  return seen;
}

function lookUp(key: number, text: string, end: number, seen: Uint8Array): void {
  for (const literal of byKey[key]!) {
    if (seen[literal.number] === 0 && standsAt(literal.text, text, end - literal.end))
      seen[literal.number] = 1;
  }
}

function standsAt(literal: string, text: string, start: number): boolean {
  if (start < 0) return false;
  for (let at = 0; at < literal.length; at += 1) {
    const character = text.charCodeAt(start + at);
    const lower = character >= 0x41 && character <= 0x5a ? character + 0x20 : character;
    if (lower !== literal.charCodeAt(at)) return false;
  }
  return true;
}
