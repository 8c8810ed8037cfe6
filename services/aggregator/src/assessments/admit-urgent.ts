import { addToOutbox } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import { newestAssessment } from './newest-assessment.ts';
import { startReplayed, type Replay } from './start-replayed.ts';

/** Of urgent replays in flight at once, over all replicas: people who wait have the stages' fast lane beside them. */
const runningMax = 100;

/**
 * Begins package versions of urgent replays, in the fast lane and beside the window of bulk work, which may be full of work that
 * cannot go on. A package version in flight waits until that assessment has ended, which counts for both when it saw the same
 * advisories.
 * @returns whether more may begin at once.
 */
export function admitUrgent(deps: AggregatorDeps): Promise<boolean> {
  return transact(deps, 'admit urgent', async (tx) => {
    const [replay] = await tx<(Replay & { advisoriesVersion: string | null })[]>`
      select id, stage, by_name as by, reason, round, filter ->> 'advisoriesVersion' as "advisoriesVersion"
      from replays r where state = 'starting' and urgent
        and exists (select from replay_packages p where p.replay_id = r.id and ${isFree(tx)})
      order by created_at, id limit 1 for update skip locked`;
    if (!replay) return false;
    const [running] = await tx<{ count: number }[]>`
      select count(*)::int from assessments a
      where a.state = 'running' and a.lane = 'interactive' and a.replay_id in (select id from replays where urgent)`;
    const room = runningMax - running!.count;
    if (room < 1) return false;
    const taken = await tx<{ purl: string; isSeen: boolean }[]>`
      with taken as (
        delete from replay_packages where replay_id = ${replay.id} and ordinal in (
          select ordinal from replay_packages p where p.replay_id = ${replay.id} and ${isFree(tx)}
          order by ordinal limit ${room})
        returning purl)
      select p.purl,
        a.scan is null or a.scan -> 'advisories' ->> 'version' is not distinct from ${replay.advisoriesVersion} as "isSeen"
      from taken p left join lateral (${newestAssessment(tx)}) as a on true`;
    const purls = taken.filter(({ isSeen }) => !isSeen).map(({ purl }) => purl);
    const messages = await startReplayed(tx, { ...replay, lane: 'interactive' }, purls.toSorted(), deps);
    await tx`
      update replays set joined = joined + ${taken.length - messages.length},
        state = case when exists (select from replay_packages where replay_id = ${replay.id}) then 'starting' else 'started' end
      where id = ${replay.id}`;
    await addToOutbox(tx, messages);
    return taken.length > 0;
  });
}

/** SQL: no assessment of a waiting package version `p` is in flight. */
function isFree(tx: Tx) {
  return tx`not exists (select from assessments f where f.purl = p.purl and f.state in ('waiting', 'running'))`;
}
