import { createHash } from 'node:crypto';

/** An act, or an attempt of one that was denied, as the audit keeps it. */
export interface AuditEntry {
  /** Id of the event that says so. */
  id: string;
  /** When, in ISO 8601. */
  at: string;
  /** Who did it. */
  actor: string;
  action: string;
  /** What it was done to: a purl, the id of a request, `stage scan`. */
  subject: string;
  outcome: 'done' | 'denied';
  /** Why, and what was there before and after; never a secret. */
  detail: Record<string, unknown>;
}

/**
 * The hash of an entry, which holds the hash of the one before: an entry that is taken out, put in or changed later
 * changes the hash of every entry behind it.
 * @param previous hash of the entry before; null for the first one.
 * @returns SHA-256, as hex.
 */
export function auditHash(
  previous: string | null,
  { id, at, actor, action, subject, outcome, detail }: AuditEntry,
): string {
  const moment = new Date(at).toISOString();
  const told = JSON.stringify([
    previous,
    id.toLowerCase(),
    moment,
    actor,
    action,
    subject,
    outcome,
    canonical(detail),
  ]);
  return createHash('sha256').update(told).digest('hex');
}

/** Objects with their keys in order: a store of JSON keeps them in its own. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, one]) => [key, canonical(one)]);
}
