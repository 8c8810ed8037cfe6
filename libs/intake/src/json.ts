import { PermanentError } from '@sluice/contracts';

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws PermanentError `lockfile.invalid` for a value that is no object. */
export function objectOf(field: string, value: unknown): Json {
  if (isObject(value)) return value;
  throw new PermanentError('lockfile.invalid', `"${field}" is no object.`);
}
