import { PermanentError } from '@sluice/contracts';
import { isObject, objectOf, textOf, type Json } from '@sluice/intake';
import { parse } from 'smol-toml';

/**
 * Parses untrusted TOML. The parser bounds its depth, refuses a key that stands twice and makes no prototype of any.
 * @throws PermanentError `lockfile.invalid`.
 */
export function parseToml(content: Uint8Array): Json {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return parse(text) as Json;
  } catch (cause) {
    const [detail] = (cause as Error).message.split('\n');
    throw new PermanentError('lockfile.invalid', `The file is not TOML: ${detail}`, { cause });
  }
}

/** Whether a text has lines that fit all of these; a look before the whole is parsed. */
export function hasLines(content: Uint8Array, ...patterns: RegExp[]): boolean {
  const text = textOf(content);
  return patterns.every((pattern) => pattern.test(text));
}

/** The tables of an array of tables; none when it is absent. @throws PermanentError `lockfile.invalid`. */
export function tablesOf(field: string, value: unknown): Json[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new PermanentError('lockfile.invalid', `"${field}" is no list.`);
  return value.map((one) => objectOf(field, one));
}

/** The text of a field; undefined for an absent or empty one. @throws PermanentError `lockfile.invalid` for one that is no text. */
export function textIn(table: Json, field: string): string | undefined {
  const value = table[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new PermanentError('lockfile.invalid', `"${field}" is no text.`);
}

/** The name of an entry. @throws PermanentError `lockfile.invalid` when it has none. */
export function nameIn(table: Json, path: string): string {
  const name = textIn(table, 'name');
  if (name !== undefined) return name;
  throw new PermanentError('lockfile.invalid', `${path} has no name.`);
}

export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function tableIn(table: Json, field: string): Json | null {
  const value = table[field];
  return isObject(value) ? value : null;
}

/** @throws PermanentError `lockfile.unknown-version`. */
export function checkVersion(file: string, version: unknown, known: RegExp): string {
  const text = String(version);
  if (known.test(text)) return text;
  throw new PermanentError(
    'lockfile.unknown-version',
    `A ${file} of version ${text.slice(0, 20)} is not supported.`,
  );
}
