import { addToOutbox } from '@sluice/delivery';
import type { AggregatorDeps } from '../deps.ts';
import { startReplayed, type Replay } from './start-replayed.ts';
import { transact } from '../transact.ts';

export interface ReplayPace {
  /** Assessments that begin in a second, over all replicas. */
  perSecond: number;
  /** Replayed assessments that run at once: a stage that is slow or paused gets no queue of hours. */
  runningMax: number;
}

export const replayTickMs = 500;
/** A pacer that was away does not make up for it all at once. */
const burstMs = 2_000;

/**
 * Begins waiting package versions of replays, the oldest replay first, as fast as the pace allows. The pace is reckoned from rows
 * in Postgres, so that replicas share it.
 * @returns how many assessments began.
 */
export function paceReplays(deps: AggregatorDeps, pace: ReplayPace): Promise<number> {
  return transact(deps, 'pace replays', async (tx) => {
    const now = deps.now();
    const [replay] = await tx<(Replay & { pacedAt: Date })[]>`
      select id, stage, by_name as by, reason, paced_at as "pacedAt" from replays
      where state = 'starting' order by created_at limit 1 for update skip locked`;
    if (!replay) return 0;
    const [{ running }] = (await tx`
      select count(*)::int as running from assessments
      where replay_id is not null and state = 'running'`) as unknown as [{ running: number }];
    const elapsedMs = Math.min(burstMs, now.getTime() - replay.pacedAt.getTime());
    const allowed = Math.min(Math.floor((pace.perSecond * elapsedMs) / 1000), pace.runningMax - running);
    if (allowed < 1) return 0;
    const taken = await tx<{ purl: string }[]>`
      delete from replay_packages where replay_id = ${replay.id} and ordinal in (
        select ordinal from replay_packages where replay_id = ${replay.id} order by ordinal limit ${allowed})
      returning purl`;
    const messages = await startReplayed(tx, replay, taken.map(({ purl }) => purl).toSorted(), deps);
    await addToOutbox(tx, messages);
    await tx`
      update replays set paced_at = ${now}, joined = joined + ${taken.length - messages.length},
        state = case when exists (select from replay_packages where replay_id = ${replay.id}) then 'starting' else 'started' end
      where id = ${replay.id}`;
    return messages.length;
  });
}
