export type Json = Record<string, unknown>;

/** @returns the value when it is an object, or an empty one. */
export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
