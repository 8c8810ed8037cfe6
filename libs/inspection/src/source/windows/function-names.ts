import { isWordPart } from './word-hash.ts';

/** Words that stand between a function and the name that it is given to. */
const keywords = new Set(['async', 'function']);

/** The name of a function, or of the variable or member that it is given to; empty where there is none. */
export function nameOfFunction(text: string, header: number): string {
  const own = text.slice(header, endOfWord(text, header));
  if (own !== '' && !keywords.has(own) && text.charCodeAt(header + own.length) === 0x28) return own;
  let at = beforeSpace(text, header);
  for (;;) {
    if (text.charCodeAt(at - 1) === 0x2a) at = beforeSpace(text, at - 1);
    const start = startOfWord(text, at);
    if (start === at || !keywords.has(text.slice(start, at))) break;
    at = beforeSpace(text, start);
  }
  const mark = text.charCodeAt(at - 1);
  if (mark !== 0x3d && mark !== 0x3a) return '';
  at = beforeSpace(text, at - 1);
  const quote = text.charCodeAt(at - 1);
  if (quote === 0x22 || quote === 0x27) at -= 1;
  return text.slice(startOfWord(text, at), at);
}

function beforeSpace(text: string, at: number): number {
  let end = at;
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return end;
}

function startOfWord(text: string, end: number): number {
  let start = end;
  while (start > 0 && isWordPart(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function endOfWord(text: string, start: number): number {
  let end = start;
  while (end < text.length && isWordPart(text.charCodeAt(end))) end += 1;
  return end;
}

export function hasParameter(header: string, name: string): boolean {
  // Longer lists of parameters have long defaults.
  if (header.length > 400) return false;
  const part = /[\w$]/;
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + 1)) {
    const before = header[at - 1] ?? '';
    const after = header[at + name.length] ?? '';
    // In front of the parenthesis stands the function's own name.
    if (!part.test(before) && before !== '.' && !part.test(after) && after !== '(') return true;
  }
  return false;
}

/** In front of a place: the names that are declared with it. */
const declarationMax = 240;
const declared = /(?:([\w$]+)|\{([^{}]*)\})\s*=\s*(?:await\s+)?(?:[\w$.]+\s*\(\s*)*["'`]?$/;
const imported = /\bimport\s+([\w$*{}\s,]+?)\s+from\s*["'`]?$/;

/** The names that are declared with the value at a place: `const { exec: run } = require(‸'child_process')`. */
export function declaredAt(text: string, place: number): string[] {
  const before = text.slice(Math.max(0, place - declarationMax), place);
  const found = declared.exec(before) ?? imported.exec(before);
  return found ? (`${found[1] ?? ''} ${found[2] ?? ''}`.match(/[A-Za-z_$][\w$]*/g) ?? []) : [];
}
