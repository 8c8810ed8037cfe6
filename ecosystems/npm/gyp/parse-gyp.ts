/** A value of a gyp file. A dictionary is a list of entries, because keys may come twice. */
export type GypValue = string | number | GypValue[] | GypDictionary;
export interface GypDictionary {
  entries: [key: string, value: GypValue][];
}

/** gyp files of packages have some ten levels. */
const depthMax = 64;
const token =
  /\s+|#[^\n]*|\\\r?\n|([[\]{}(),:])|([rRuU]{0,2}(?:'''(?:[^\\]|\\[^])*?'''|"""(?:[^\\]|\\[^])*?"""|'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"))|(-?\d+)(?![\w.])/y;

/**
 * Reads a gyp file: Python's notation of dictionaries, lists, texts and whole numbers. gyp evaluates such a file as a
 * Python expression, so anything beyond that notation is code.
 * @throws SyntaxError for anything else.
 */
export function parseGyp(text: string): GypValue {
  const tokens = new Tokens(text.replace(/^\ufeff/, ''));
  const value = readValue(tokens, 0);
  if (tokens.next !== null) throw new SyntaxError('Something follows its end.');
  return value;
}

export function isDictionary(value: GypValue): value is GypDictionary {
  return typeof value === 'object' && !Array.isArray(value);
}

class Tokens {
  readonly #text: string;
  #at = 0;
  /** Punctuation as it is, a number, or a text in quotes; null at the end. */
  next: string | number | { text: string } | null = null;

  constructor(text: string) {
    this.#text = text;
    this.advance();
  }

  advance(): void {
    while (this.#at < this.#text.length) {
      token.lastIndex = this.#at;
      const match = token.exec(this.#text);
      if (!match)
        throw new SyntaxError('It has something other than texts, numbers, lists and dictionaries.');
      this.#at = token.lastIndex;
      const [, punctuation, quoted, digits] = match;
      if (punctuation !== undefined) this.next = punctuation;
      else if (quoted !== undefined) this.next = { text: unquote(quoted) };
      else if (digits !== undefined) this.next = Number(digits);
      else continue;
      return;
    }
    this.next = null;
  }

  take(punctuation: string): boolean {
    if (this.next !== punctuation) return false;
    this.advance();
    return true;
  }
}

function readValue(tokens: Tokens, depth: number): GypValue {
  if (depth > depthMax) throw new SyntaxError(`It has more than ${depthMax} levels.`);
  if (tokens.take('[')) return readList(tokens, ']', depth);
  if (tokens.take('{')) return readDictionary(tokens, depth);
  const { next } = tokens;
  if (typeof next === 'number') {
    tokens.advance();
    return next;
  }
  return readText(tokens);
}

/** Texts side by side are one text. */
function readText(tokens: Tokens): string {
  const parts: string[] = [];
  while (typeof tokens.next === 'object' && tokens.next !== null) {
    parts.push(tokens.next.text);
    tokens.advance();
  }
  if (parts.length === 0) throw new SyntaxError('A value is missing.');
  return parts.join('');
}

function readList(tokens: Tokens, end: string, depth: number): GypValue[] {
  const values: GypValue[] = [];
  while (!tokens.take(end)) {
    values.push(readValue(tokens, depth + 1));
    if (!tokens.take(',') && tokens.next !== end) throw new SyntaxError('A list does not end.');
  }
  return values;
}

function readDictionary(tokens: Tokens, depth: number): GypDictionary {
  const entries: GypDictionary['entries'] = [];
  while (!tokens.take('}')) {
    const key = readText(tokens);
    if (!tokens.take(':')) throw new SyntaxError('A key has no value.');
    entries.push([key, readValue(tokens, depth + 1)]);
    if (!tokens.take(',') && tokens.next !== '}') throw new SyntaxError('A dictionary does not end.');
  }
  return { entries };
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

/** Python keeps the backslash of an escape that it does not know, and knows characters by their names. */
function unquote(quoted: string): string {
  const prefix = /^[rRuU]*/.exec(quoted)![0];
  const body = quoted.slice(prefix.length);
  const edge = /^(?:'''|""")/.test(body) ? 3 : 1;
  const inner = body.slice(edge, -edge);
  if (/r/i.test(prefix)) return inner;
  if (/(?:^|[^\\])(?:\\\\)*\\N/.test(inner)) throw new SyntaxError('A text has a character by its name.');
  return inner.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|\r?\n|([^]))/g,
    (all, x, u, long, octal, one) => {
      const code = x ?? u ?? long;
      if (code !== undefined) return characterOf(Number.parseInt(code as string, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal as string, 8));
      if (one === undefined) return '';
      return escapes[one as string] ?? (all as string);
    },
  );
}

function characterOf(code: number): string {
  if (code > 0x10ffff) throw new SyntaxError('A text has a character that there is not.');
  return String.fromCodePoint(code);
}
