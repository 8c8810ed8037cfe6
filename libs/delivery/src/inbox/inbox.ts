import type { Tx } from '@sluice/postgres';

/**
 * Claims events for a consumer inside the transaction that has their effect; an event that an earlier delivery claimed is not
 * claimed again. Table: `inbox (consumer text, event_id uuid, received_at timestamptz)`.
 * @returns the ids that are new.
 */
export async function claimEvents(tx: Tx, consumer: string, eventIds: string[]): Promise<Set<string>> {
  // Sorted, so that two batches with common ids wait for each other instead of deadlocking.
  const rows = await tx<{ event_id: string }[]>`
    insert into inbox (consumer, event_id)
    select ${consumer}, id from unnest(${[...new Set(eventIds)].toSorted()}::uuid[]) as id
    on conflict do nothing
    returning event_id`;
  return new Set(rows.map((row) => row.event_id));
}
