import { PermanentError } from '@sluice/contracts';

/** No real lockfile comes near this depth. */
export const jsonDepthMax = 64;

/**
 * Parses JSON that somebody else wrote: UTF-8 without a byte-order mark, at most 64 levels deep, no key twice in one
 * object, no key that reaches for a prototype, no NUL and no lone surrogate. One pass before `JSON.parse`, which
 * would let the last of two keys win and recurse as deep as it is told to.
 * @throws PermanentError `input.not-json`, `input.too-deep` or `input.unsafe-key`.
 */
export function parseSafeJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PermanentError('input.not-json', 'The body is not UTF-8.', { cause });
  }
  if (text.startsWith('\uFEFF'))
    throw new PermanentError('input.not-json', 'The body starts with a byte-order mark.');
  new JsonGuard(text).check();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PermanentError('input.not-json', `The body is not JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}

interface Level {
  /** Keys so far; null for an array. */
  keys: Set<string> | null;
  /** The key that this object is the value of. */
  under: string | null;
}

const quote = 0x22;
const backslash = 0x5c;

/** Walks tokens only as far as needed to know depth and keys; grammar is left to `JSON.parse`. */
class JsonGuard {
  readonly #text: string;
  readonly #levels: Level[] = [];
  #position = 0;
  #key: string | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  check(): void {
    const text = this.#text;
    while (this.#position < text.length) {
      switch (text.charCodeAt(this.#position)) {
        case 0x7b: // {
          this.#open(new Set());
          break;
        case 0x5b: // [
          this.#open(null);
          break;
        case 0x7d: // }
        case 0x5d: // ]
          this.#levels.pop();
          break;
        case quote:
          this.#string();
          continue;
        default:
      }
      this.#position += 1;
    }
  }

  #open(keys: Set<string> | null): void {
    this.#levels.push({ keys, under: this.#key });
    this.#key = null;
    if (this.#levels.length > jsonDepthMax) {
      throw new PermanentError('input.too-deep', `The JSON is nested more than ${jsonDepthMax} levels deep.`);
    }
  }

  #string(): void {
    const text = this.#text;
    const start = this.#position;
    let escaped = false;
    let end = start + 1;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === backslash) {
        escaped = true;
        end += 1;
      } else if (code === quote) break;
    }
    this.#position = end + 1;
    const raw = text.slice(start + 1, end);
    const value = escaped ? unescape(raw) : raw;
    if (this.#isKey()) this.#addKey(value);
  }

  /** A string is a key when it stands in an object and a colon follows. */
  #isKey(): boolean {
    if (!this.#levels.at(-1)?.keys) return false;
    let next = this.#position;
    while (/\s/.test(this.#text[next] ?? '')) next += 1;
    return this.#text[next] === ':';
  }

  #addKey(key: string): void {
    const level = this.#levels.at(-1)!;
    if (level.keys!.has(key))
      throw new PermanentError(
        'input.unsafe-key',
        `The key "${key.slice(0, 100)}" stands twice in one object.`,
      );
    if (key === '__proto__' || (key === 'prototype' && level.under === 'constructor')) {
      throw new PermanentError('input.unsafe-key', `The key "${key}" is not allowed.`);
    }
    level.keys!.add(key);
    this.#key = key;
  }
}

function unescape(raw: string): string {
  let value: string;
  try {
    value = JSON.parse(`"${raw}"`) as string;
  } catch {
    // JSON.parse of the whole says where it is wrong.
    return raw;
  }
  if (value.includes('\0') || !value.isWellFormed()) {
    throw new PermanentError('input.not-json', 'A string contains NUL or half a surrogate pair.');
  }
  return value;
}
