import { PermanentError } from '@sluice/contracts';
import type { SubmittedFile } from './format.ts';

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws PermanentError `lockfile.invalid` for a value that is no object. */
export function objectOf(field: string, value: unknown): Json {
  if (isObject(value)) return value;
  throw new PermanentError('lockfile.invalid', `"${field}" is no object.`);
}

/** The entries of a list; none for a field that is absent. @throws PermanentError `lockfile.invalid` for any other value. */
export function listOf(field: string, value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new PermanentError('lockfile.invalid', `"${field}" is no list.`);
}

/** A field of an object; undefined when it is no text, or an empty one. */
export function textAt(value: unknown, field: string): string | undefined {
  const text = isObject(value) ? value[field] : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** @throws PermanentError that says why the content of a file is no JSON. */
export function jsonOf({ json, jsonFault }: SubmittedFile): unknown {
  if (jsonFault !== null) throw jsonFault;
  return json;
}
