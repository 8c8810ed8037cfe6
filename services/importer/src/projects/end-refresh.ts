import type { EventData, projectRefreshed } from '@sluice/contracts';
import { addToOutbox } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import type { BatchFailure } from '../batches/save-opened.ts';
import { refreshedMessage } from './facts.ts';

export interface RefreshEnd {
  state: 'completed' | 'failed' | 'cancelled';
  /** Items of its requests by outcome; null for those that it has. */
  counts: Record<string, number> | null;
  failure?: BatchFailure | undefined;
  at: Date;
  /** Counts how often its batch was opened, from 1. */
  round: number;
}

interface EndedRow extends Pick<
  EventData<typeof projectRefreshed>,
  'projectId' | 'lane' | 'scope' | 'cause' | 'state' | 'unchanged' | 'fromCommit' | 'toCommit' | 'counts'
> {
  endedAt: Date;
}

/**
 * Ends a refresh, and tells of it. One that has ended keeps its state and its end; its counts are those of the last round of its batch.
 * The batch of an unchanged one has no requests, and its counts are those of the refresh that it stands on. Nothing happens for a batch
 * that is no refresh.
 */
export async function endRefresh(
  tx: Tx,
  id: string,
  { state, counts, failure, at, round }: RefreshEnd,
): Promise<void> {
  const [row] = await tx<EndedRow[]>`
    update refreshes r set
      state = case when r.ended_at is null then ${state} else r.state end, ended_at = coalesce(r.ended_at, ${at}),
      counts = case when r.is_unchanged then coalesce(r.counts, '{}')
        else coalesce(${counts && JSON.stringify(counts)}::text::jsonb, r.counts, '{}') end,
      failure = coalesce(r.failure, ${failure ? JSON.stringify(failure) : null}::text::jsonb)
    from projects p where r.id = ${id} and p.id = r.project_id
    returning r.project_id as "projectId", p.lane, p.scope, r.cause, r.state, r.is_unchanged as unchanged,
      r.from_commit as "fromCommit", r.to_commit as "toCommit", r.counts, r.ended_at as "endedAt"`;
  if (!row) return;
  const { endedAt, ...rest } = row;
  const data = { ...rest, refreshId: id, endedAt: endedAt.toISOString(), ...(failure ? { failure } : {}) };
  await addToOutbox(tx, [refreshedMessage(data, round)]);
}
