import { exceptionNames, licenseNames, nameWordsMax, type LicenseName } from './license-names.ts';
import { isLicenseFile, pageLicense } from './license-pages.ts';
import { isMark, isWord, licenseTokens, type LicenseToken } from './license-tokens.ts';
import { canonicalExpression } from './spdx-expression.ts';

/** The longest declaration in use that is no essay has some 120 characters. */
const textLengthMax = 250;

/**
 * Reads a license that is declared in words as an SPDX expression. Every token has to be accounted for: as a part of a
 * known name, as a separator between two complete names, or as a word that is known to be harmless. Anything else,
 * for instance "modified", "except" or "non-commercial", may restrict the license, and makes the text
 * unreadable. An abbreviation is never completed to the nearest identifier.
 * @returns a valid expression, or null.
 */
export function readLicenseText(text: string): string | null {
  if (text.length > textLengthMax) return null;
  const tokens = licenseTokens(text);
  if (!tokens || tokens.length === 0) return null;
  const reader = new Reader(tokens);
  reader.skipLead();
  const read = reader.choice();
  return read && reader.isAtEnd() ? canonicalExpression(read.expression) : null;
}

/** Introductions that grant no less than the name behind them: "released under the terms of the MIT license". */
const leadWords = new Set([
  'released',
  'distributed',
  'available',
  'published',
  'provided',
  'under',
  'terms',
  'of',
  'a',
  'an',
  'dual',
  'dually',
  'tri',
  'triple',
  'multi',
  'either',
  'your',
  'choice',
  'osi',
  'approved',
  'spdx',
  'identifier',
]);
/** Kinds of license that a name may be followed by. */
const trailWords = ['software', 'public', 'terms'];

type Separator = 'or' | 'and' | 'list';

class Reader {
  readonly #tokens: readonly LicenseToken[];
  #at = 0;

  constructor(tokens: readonly LicenseToken[]) {
    this.#tokens = tokens;
  }

  isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  skipLead(): void {
    let end = this.#at;
    for (let token = this.#tokens[end]; token; token = this.#tokens[end]) {
      const isLead = isMark(token, ':', '-') || (token.kind === 'word' && leadWords.has(token.text));
      if (!isLead) break;
      end += 1;
    }
    this.#at = end;
  }

  /** Names with separators between them, up to the end or a closing bracket. */
  choice(): LicenseName | null {
    const items: LicenseName[] = [];
    const separators: Separator[] = [];
    for (;;) {
      const item = this.#item();
      if (!item) return null;
      items.push(item);
      const separator = this.#separator();
      if (!separator) break;
      separators.push(separator);
    }
    if (items.length === 1) return items[0]!;
    const conjunction = conjunctionOf(separators);
    return conjunction && { expression: joined(items, conjunction) };
  }

  #separator(): Separator | null {
    let found: Separator | null = null;
    while (isMark(this.#peek(), ',', ';', '\n')) {
      this.#at += 1;
      found = 'list';
    }
    if (this.#take((token) => isWord(token, 'or') || isMark(token, '/', '|'))) return 'or';
    if (this.#take((token) => isWord(token, 'and') || isMark(token, '&', '+'))) return 'and';
    return found;
  }

  #item(): LicenseName | null {
    if (isMark(this.#peek(), '(')) return this.#group();
    let name = this.#page() ?? this.#name();
    while (name) {
      const next = this.#qualified(name);
      if (next === 'unqualified') return name;
      name = next;
    }
    return null;
  }

  #group(): LicenseName | null {
    this.#at += 1;
    const inner = this.choice();
    return this.#take((token) => isMark(token, ')')) ? inner : null;
  }

  /** The name with one more qualifier behind it; null when the qualifier contradicts it. */
  #qualified(name: LicenseName): LicenseName | null | 'unqualified' {
    const token = this.#peek();
    if (this.#isLater(token)) {
      this.#at += 1;
      // "GPL-2.0-only or later" contradicts itself.
      return isWord(this.#peek(-2), 'only') ? null : orLater(name);
    }
    if (isWord(token, 'only')) {
      this.#at += 1;
      return only(name);
    }
    if (isWord(token, 'with')) return this.#withException(name);
    if (isMark(token, '(')) return this.#inBrackets(name);
    if (isMark(token, '-', ':')) {
      this.#at += 1;
      return this.#sameAs(name, this.#item());
    }
    if (token?.kind === 'url') {
      this.#at += 1;
      const page = pageLicense(token.text);
      return page ? this.#sameAs(name, page) : isLicenseFile(token.text) ? name : null;
    }
    if (isWord(token, 'open') && isWord(this.#peek(1), 'source')) this.#at += 2;
    else if (isWord(token, ...trailWords)) this.#at += 1;
    else return 'unqualified';
    return name;
  }

  /** `+` is "or later" unless another name follows. */
  #isLater(token: LicenseToken | undefined): boolean {
    if (token?.kind === 'later') return true;
    const next = this.#peek(1);
    const isName = next?.kind === 'word' && !isWord(next, 'or', 'and', 'with', 'only');
    return isMark(token, '+') && !isName && next?.kind !== 'url' && !isMark(next, '(');
  }

  #withException({ expression }: LicenseName): LicenseName | null {
    this.#at += 1;
    const exception = this.#longest(exceptionNames());
    return exception === null ? null : { expression: `${expression} WITH ${exception}` };
  }

  /** "GPL v2 (or later)", "The MIT License (MIT)", "Apache (Apache-2.0)". */
  #inBrackets(name: LicenseName): LicenseName | null {
    const inner = this.#peek(1);
    if (isMark(this.#peek(2), ')')) {
      const isPointer = inner?.kind === 'url' && isLicenseFile(inner.text);
      const qualified =
        inner?.kind === 'later'
          ? orLater(name)
          : isWord(inner, 'only')
            ? only(name)
            : isPointer
              ? name
              : 'none';
      if (qualified !== 'none') {
        this.#at += 3;
        return qualified;
      }
    }
    return this.#sameAs(name, this.#group());
  }

  /** Two names of one license, of which one may be more precise: "GPL (GPL-3.0)". */
  #sameAs(name: LicenseName, other: LicenseName | null): LicenseName | null {
    if (!other) return null;
    if (other.expression === name.expression) return other.family === undefined ? other : name;
    if (makesPrecise(other, name)) return name;
    return makesPrecise(name, other) ? other : null;
  }

  #page(): LicenseName | null {
    const token = this.#peek();
    if (token?.kind !== 'url') return null;
    this.#at += 1;
    return pageLicense(token.text);
  }

  #name(): LicenseName | null {
    return this.#longest(licenseNames());
  }

  /**
   * The known name that takes in the most tokens from here on. Commas, dashes, slashes and one pair of brackets may stand in a
   * name ("Apache License, Version 2.0", "BSD (3-clause)"); the longer name is always the more precise one.
   */
  #longest<Value>(names: ReadonlyMap<string, Value>): Value | null {
    let found: Value | null = null;
    let end = this.#at;
    let opened = false;
    const words: string[] = [];
    for (let at = this.#at; words.length < nameWordsMax; at += 1) {
      const token = this.#tokens[at];
      if (token?.kind === 'word') words.push(token.text);
      else if (token?.kind === 'later') words.push('or later');
      else if (isMark(token, '(') && !opened) opened = true;
      else if (isMark(token, ')') && opened) opened = false;
      else if (!isMark(token, ',', '/', '+', '-', '\n')) break;
      const closes = opened && isMark(this.#tokens[at + 1], ')');
      const value = names.get(words.join(' '));
      if (value === undefined || (opened && !closes) || !this.#isWritten(words.join(' '), at)) continue;
      if (token?.kind !== 'word' && token?.kind !== 'later') continue;
      found = value;
      end = closes ? at + 2 : at + 1;
    }
    this.#at = end;
    return found;
  }

  /**
   * Boost and the Open Public License share their abbreviations with proprietary licenses, of which some have a version
   * 1: only the identifier itself is taken for them.
   */
  #isWritten(key: string, at: number): boolean {
    const token = this.#tokens[at];
    return (key !== 'bsl 1' && key !== 'opl 1') || (token?.kind === 'word' && token.written === '1.0');
  }

  #peek(ahead = 0): LicenseToken | undefined {
    return this.#tokens[this.#at + ahead];
  }

  #take(isWanted: (token: LicenseToken | undefined) => boolean): boolean {
    const isThere = isWanted(this.#peek());
    if (isThere) this.#at += 1;
    return isThere;
  }
}

function makesPrecise({ family }: LicenseName, other: LicenseName): boolean {
  return (
    family !== undefined && other.expression.startsWith(family) && !/ (?:AND|OR) /.test(other.expression)
  );
}

const gnuVersion = /^((?:A|L)?GPL-\d\.\d|GFDL-\d\.\d)-(only|or-later)$/;

function orLater({ expression, family }: LicenseName): LicenseName | null {
  const gnu = gnuVersion.exec(expression);
  // "GPL or later" without a version is any version, which is how the name is read anyway.
  if (gnu) return gnu[2] === 'only' || family !== undefined ? { expression: `${gnu[1]}-or-later` } : null;
  return family === undefined && /\d\.\d$/.test(expression) ? { expression: `${expression}+` } : null;
}

function only({ expression, family }: LicenseName): LicenseName | null {
  return family !== undefined || /\+$|-or-later$/.test(expression) ? null : { expression };
}

/** Only "or", "/" and "|" state a choice. A comma or a semicolon is one only in a list whose last separator is "or". */
function conjunctionOf(separators: readonly Separator[]): 'OR' | 'AND' | null {
  if (separators.every((separator) => separator === 'or')) return 'OR';
  if (!separators.includes('or')) return 'AND';
  const isListOfChoices =
    separators.at(-1) === 'or' && separators.slice(0, -1).every((part) => part === 'list');
  return isListOfChoices ? 'OR' : null;
}

function joined(items: readonly LicenseName[], conjunction: 'OR' | 'AND'): string {
  const parts = items.map(({ expression }) =>
    / (?:OR|AND) /.test(expression) ? `(${expression})` : expression,
  );
  return [...new Set(parts)].join(` ${conjunction} `);
}
