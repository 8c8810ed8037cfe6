import { PermanentError, jsonPointer, type ErrorCode } from '@sluice/contracts';

/** No real lockfile comes near this depth. */
export const jsonDepthMax = 64;
/** A lockfile of the 20,000 packages that are taken has some 300,000 keys. A million are read in 2 s. */
export const jsonKeysMax = 1_000_000;

/**
 * Parses untrusted JSON: UTF-8 without a byte-order mark, at most 64 levels deep, no key twice in one
 * object, at most a million keys, no key that reaches for a prototype, no NUL and no lone surrogate. One pass before `JSON.parse`, which
 * would let the last of two keys win and recurse as deep as it is told to.
 * @throws PermanentError `input.not-json`, `input.too-deep`, `input.too-large` or `input.unsafe-key`, with a pointer to
 * the value or key where there is one.
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
  /** The key that this object or array is the value of; null in an array. */
  under: string | null;
  /** Of the value that is read, in an array. */
  index: number;
}

const quote = 0x22;
const backslash = 0x5c;

/** Walks tokens only as far as needed to know depth and keys; grammar is left to `JSON.parse`. */
class JsonGuard {
  readonly #text: string;
  readonly #levels: Level[] = [];
  #position = 0;
  #key: string | null = null;
  #keyCount = 0;

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
        case 0x2c: // ,
          if (this.#levels.length > 0) this.#levels.at(-1)!.index += 1;
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
    if (this.#levels.length === jsonDepthMax)
      throw this.#fault('input.too-deep', `The JSON is nested more than ${jsonDepthMax} levels deep.`);
    this.#levels.push({ keys, under: this.#key, index: 0 });
    this.#key = null;
  }

  /** @param key the key that is at fault; the value that is read when left out. */
  #fault(code: ErrorCode, detail: string, key = this.#key): PermanentError {
    const path = this.#levels.map(({ keys, index }, depth) =>
      keys ? (this.#levels[depth + 1]?.under ?? key) : index,
    );
    const pointer = jsonPointer(path.filter((part) => part !== null));
    return new PermanentError(code, detail, { faults: [{ pointer, detail }] });
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
    const isKey = this.#isKey();
    if (value.includes('\0') || !value.isWellFormed()) {
      const detail = 'A string contains NUL or half a surrogate pair.';
      throw this.#fault('input.not-json', detail, isKey ? value : this.#key);
    }
    if (isKey) this.#addKey(value);
  }

  /** A string is a key when it stands in an object and a colon follows. */
  #isKey(): boolean {
    if (!this.#levels.at(-1)?.keys) return false;
    let next = this.#position;
    while (isSpace(this.#text.charCodeAt(next))) next += 1;
    return this.#text[next] === ':';
  }

  #addKey(key: string): void {
    const level = this.#levels.at(-1)!;
    this.#keyCount += 1;
    if (this.#keyCount > jsonKeysMax)
      throw this.#fault('input.too-large', `The JSON has more than ${jsonKeysMax} keys.`, key);
    if (level.keys!.has(key))
      throw this.#fault(
        'input.unsafe-key',
        `The key "${key.slice(0, 100)}" stands twice in one object.`,
        key,
      );
    if (key === '__proto__' || (key === 'prototype' && level.under === 'constructor'))
      throw this.#fault('input.unsafe-key', `The key "${key}" is not allowed.`, key);
    level.keys!.add(key);
    this.#key = key;
  }
}

/** White space of JSON's grammar; anything else before a colon is left to `JSON.parse`. */
const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function unescape(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    // JSON.parse of the whole says where it is wrong.
    return raw;
  }
}
