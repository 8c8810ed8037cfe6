import type { Sql } from '@sluice/postgres';

/** Filters that lists of requests and of batches have alike. */
export interface ListFilter {
  scope?: string | undefined;
  /** Scopes that the reader may see; null for all. */
  scopes: readonly string[] | null;
  requester?: string | undefined;
  limit: number;
  after: [submittedAt: string, id: string] | null;
}

/**
 * Requests and batches reach the read models about in the order of their submission: one that was submitted an hour before the newest of
 * them is there. This bounds how many accepted ones are compared.
 */
export const aheadMaxMinutes = 60;

/** SQL: rows that a list shows, by their scope, requester and place. */
export function isListed(read: Sql, { scope, scopes, requester, after }: ListFilter) {
  return read`
    ${requester === undefined ? read`true` : read`requester = ${requester}`}
    ${scope === undefined ? read`` : read`and scope = ${scope}`}
    ${scopes === null ? read`` : read`and scope = any(${[...scopes]}::text[])`}
    ${after ? read`and (submitted_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : read``}`;
}

/** SQL: rows that are in a state, of those in which something has ended. */
export function hasEnded(read: Sql, state: 'completed' | 'cancelled' | 'failed') {
  switch (state) {
    case 'completed':
      return read`and completed_at is not null and cancelled_at is null and failure is null`;
    case 'cancelled':
      return read`and cancelled_at is not null`;
    case 'failed':
      return read`and failure is not null and cancelled_at is null`;
  }
}
