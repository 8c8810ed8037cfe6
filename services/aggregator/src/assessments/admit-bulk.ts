import { addToOutbox, type OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { requestedFact } from '../facts/package-facts.ts';
import { transact } from '../transact.ts';
import type { Assessment } from './assessment.ts';
import { startReplayed, type Replay } from './start-replayed.ts';

/** Package versions that begin in one transaction: few, so that interactive events pass between the lots. */
const lotMax = 100;

/**
 * Begins bulk work, the oldest first, while fewer than `runningMax` package versions of the bulk lane are in flight.
 * New ones wait as assessments, replayed ones in `replay_packages`. The window is counted from rows by one replica after
 * the other, so that all replicas share it and a crash leaves nothing held.
 * @returns whether more may begin at once.
 */
export function admitBulk(deps: AggregatorDeps, runningMax: number): Promise<boolean> {
  return transact(deps, 'admit bulk', async (tx) => {
    const { running, waitingSince, replayedSince } = await lookAtWindow(tx);
    const room = runningMax - running;
    if (room < 1 || (waitingSince ?? replayedSince) === null) return false;
    // One kind in a transaction: beginning a replay may wait for another transaction that waits for rows locked here.
    const isReplayNext = replayedSince !== null && (waitingSince === null || replayedSince <= waitingSince);
    const admit = isReplayNext ? admitReplayed : admitWaiting;
    const { messages, taken } = await admit(tx, Math.min(lotMax, room), deps);
    await addToOutbox(tx, messages);
    return taken > 0 && taken < room;
  });
}

interface Window {
  running: number;
  waitingSince: Date | null;
  replayedSince: Date | null;
}

interface Admitted {
  messages: OutboxMessage[];
  /** Package versions that left the queue; of a replay, those that are joined to an assessment in flight too. */
  taken: number;
}

/** Sent together; the second statement sees all that the replica before committed. */
async function lookAtWindow(tx: Tx): Promise<Window> {
  const [, [window]] = await Promise.all([
    tx`select pg_advisory_xact_lock(hashtext('sluice bulk window'))`,
    tx<Window[]>`
      select
        (select count(*)::int from assessments where state = 'running' and lane = 'bulk') as running,
        (select min(requested_at) from assessments where state = 'waiting') as "waitingSince",
        (select min(created_at) from replays where state = 'starting' and not urgent) as "replayedSince"`,
  ]);
  return window!;
}

/** Rows that another transaction holds are passed over: it is promoting, joining or cancelling them. */
async function admitWaiting(tx: Tx, count: number, deps: AggregatorDeps): Promise<Admitted> {
  const now = deps.now();
  const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
  const rows = await tx<Pick<Assessment, 'id' | 'purl' | 'lane' | 'attempt' | 'traceparent'>[]>`
    with next as materialized (
      select id from assessments where state = 'waiting'
      order by requested_at, id limit ${count} for update skip locked)
    update assessments a set state = 'running', deadline_at = ${deadline}
    from next where a.id = next.id
    returning a.id, a.purl, a.lane, a.attempt, a.traceparent`;
  return { messages: rows.map((row) => requestedFact(row, now, deadline)), taken: rows.length };
}

async function admitReplayed(tx: Tx, count: number, deps: AggregatorDeps): Promise<Admitted> {
  const [replay] = await tx<Replay[]>`
    select id, stage, by_name as by, reason, round from replays
    where state = 'starting' and not urgent order by created_at limit 1 for update`;
  if (!replay) return { messages: [], taken: 0 };
  const taken = await tx<{ purl: string }[]>`
    delete from replay_packages where replay_id = ${replay.id} and ordinal in (
      select ordinal from replay_packages where replay_id = ${replay.id} order by ordinal limit ${count})
    returning purl`;
  const messages = await startReplayed(tx, replay, taken.map(({ purl }) => purl).toSorted(), deps);
  await tx`
    update replays set joined = joined + ${taken.length - messages.length},
      state = case when exists (select from replay_packages where replay_id = ${replay.id}) then 'starting' else 'started' end
    where id = ${replay.id}`;
  return { messages, taken: taken.length };
}
