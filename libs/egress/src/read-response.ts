import { isCoded } from '@sluice/contracts';

/** The lookup's refusal arrives wrapped by the socket and the client. */
export function codedCause(error: unknown): Error | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (isCoded(at)) return at;
  return null;
}

/** By lower-case name; of repeated headers the first. */
export function firstHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value[0] : value,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<string, string>;
}
