import { PermanentError } from '@sluice/contracts';

/** A token of HCL's native syntax. Comments and blanks are none. */
export interface HclToken {
  kind: 'name' | 'text' | 'number' | 'sign' | 'line end';
  /** The name, number or sign; of a text its value. */
  text: string;
  /** False for a text with expressions in it, whose value is not known. */
  isLiteral: boolean;
  line: number;
}

/** A configuration of thousands of resources has some 100,000. */
const tokensMax = 500_000;
/** Levels of expressions within texts. */
const templateDepthMax = 64;

const name = /[\p{ID_Start}][\p{ID_Continue}-]*/uy;
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const heredoc = /<<-?([\p{ID_Start}][\p{ID_Continue}-]*)\r?\n/uy;
const sign = /==|!=|<=|>=|&&|\|\||=>|\.\.\.|[{}[\](),.:?=<>!+\-*/%]/y;

/**
 * Splits HCL into tokens. Source: HCL native syntax specification, "Lexical Elements".
 * @throws PermanentError `lockfile.invalid` with the line, `input.too-large`.
 */
export function readTokens(text: string): HclToken[] {
  const tokens: HclToken[] = [];
  let line = 1;
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const add = (kind: HclToken['kind'], value: string, length: number, isLiteral = true) => {
    if (tokens.length >= tokensMax)
      throw new PermanentError('input.too-large', `The file has more than ${tokensMax} words.`);
    tokens.push({ kind, text: value, isLiteral, line });
    at += length;
  };
  while (at < text.length) {
    const newline = /^\r?\n/.exec(text.slice(at, at + 2))?.[0];
    if (newline !== undefined) {
      add('line end', '', newline.length);
      line += 1;
      continue;
    }
    const skipped = blankEnd(text, at, line);
    if (skipped > at) {
      line += linesIn(text.slice(at, skipped));
      at = skipped;
      continue;
    }
    if (text[at] === '"') {
      const { value, length } = readText(text, at, line);
      add('text', value ?? '', length, value !== null);
      continue;
    }
    const started = match(heredoc);
    if (started) {
      const length = heredocLength(text, at + started[0].length, started[1]!, line) + started[0].length;
      const lines = linesIn(text.slice(at, at + length));
      add('text', '', length, false);
      line += lines;
      continue;
    }
    const [kind, found] =
      (
        [
          ['name', match(name)],
          ['number', match(number)],
          ['sign', match(sign)],
        ] as const
      ).find(([, one]) => one !== null) ?? [];
    if (!kind || !found) throw invalid(line, `a character that has no meaning there`);
    add(kind, found[0], found[0].length);
  }
  return tokens;
}

/** @returns where a blank or a comment at a place ends; the place itself where there is none. */
function blankEnd(text: string, at: number, line: number): number {
  const char = text[at];
  if (char === ' ' || char === '\t') return at + 1;
  const second = text[at + 1];
  if (char === '#' || (char === '/' && second === '/')) {
    const end = text.indexOf('\n', at);
    // The line end itself counts.
    return end < 0 ? text.length : end;
  }
  if (char !== '/' || second !== '*') return at;
  const end = text.indexOf('*/', at + 2);
  if (end < 0) throw invalid(line, 'a comment without an end');
  return end + 2;
}

/** @returns the value of a quoted text, null where it has expressions in it. */
function readText(text: string, from: number, line: number): { value: string | null; length: number } {
  let value: string | null = '';
  let at = from + 1;
  for (;;) {
    const char = text[at];
    if (char === undefined || char === '\n') throw invalid(line, 'a text without an end');
    if (char === '"') return { value, length: at + 1 - from };
    if (char === '\\') {
      const [whole, plain] = readEscape(text, at, line);
      if (value !== null) value += plain;
      at += whole;
    } else if ((char === '$' || char === '%') && text[at + 1] === char && text[at + 2] === '{') {
      if (value !== null) value += `${char}{`;
      at += 3;
    } else if ((char === '$' || char === '%') && text[at + 1] === '{') {
      value = null;
      at = templateEnd(text, at + 2, line);
    } else {
      if (value !== null) value += char;
      at += 1;
    }
  }
}

const simpleEscapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/** @returns the length of an escape, and the text that it stands for. */
function readEscape(text: string, at: number, line: number): [length: number, plain: string] {
  const simple = simpleEscapes[text[at + 1] ?? ''];
  if (simple !== undefined) return [2, simple];
  const [whole, short, long] = /^\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/i.exec(text.slice(at, at + 10)) ?? [];
  const code = Number.parseInt(short ?? long ?? '', 16);
  if (whole === undefined || code > 0x10_ffff) throw invalid(line, 'an escape that has no meaning');
  return [whole.length, String.fromCodePoint(code)];
}

/** @returns where an expression within a text ends, behind its brace. Texts in it may have expressions again. */
function templateEnd(text: string, from: number, line: number): number {
  const open: ('brace' | 'text')[] = ['brace'];
  let at = from;
  while (open.length > 0) {
    const char = text[at];
    if (char === undefined) throw invalid(line, 'an expression without an end');
    if (open.length > templateDepthMax)
      throw new PermanentError('input.too-deep', `Line ${line} nests too deeply.`);
    at += 1;
    if (open.at(-1) === 'text') {
      if (char === '\\') at += 1;
      else if (char === '"') open.pop();
      else if ((char === '$' || char === '%') && text[at] === '{') {
        open.push('brace');
        at += 1;
      }
    } else if (char === '"') open.push('text');
    else if (char === '{') open.push('brace');
    else if (char === '}') open.pop();
  }
  return at;
}

/** @returns how long the lines of a heredoc are, the one with its mark included. */
function heredocLength(text: string, from: number, mark: string, line: number): number {
  let at = from;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const whole = text.slice(at, end < 0 ? undefined : end);
    if (whole.trim() === mark) return at + whole.trimEnd().length - from;
    if (end < 0) break;
    at = end + 1;
  }
  throw invalid(line, 'a text without an end');
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** The error for a place of a file. */
export function invalid(line: number, what: string): PermanentError {
  return new PermanentError('lockfile.invalid', `Line ${line}: ${what}.`);
}
