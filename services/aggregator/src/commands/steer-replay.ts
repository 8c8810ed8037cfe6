import { PermanentError, type SteerReplayInput, type SteerReplayOutput } from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';

/**
 * Cancels a replay, or has the package versions of one tried again that failed. Of a cancelled replay those are left out whose turn
 * has not come; the others are assessed to their end, since their evidence serves all.
 * @throws PermanentError `replay.not-found`, `replay.ended` for one without anything left to cancel.
 */
export async function steerReplay(
  { id, action, by, reason }: SteerReplayInput,
  deps: AggregatorDeps,
): Promise<SteerReplayOutput> {
  const packages = await transact(deps, `command ${action} replay`, async (tx) => {
    const [replay] = await tx<{ state: string; round: number }[]>`
      select state, round from replays where id = ${id} for update`;
    if (!replay) throw new PermanentError('replay.not-found', `No replay has the id ${id}.`);
    const count = action === 'cancel' ? await cancel(tx, id, replay.state) : await retry(tx, id);
    const detail = { reason, packages: count };
    await recordAudit(tx, 'aggregator', {
      actor: by,
      action: `${action}-replay`,
      subject: `replay ${id}`,
      detail,
    });
    return count;
  });
  if (action === 'retry' && packages > 0) deps.wakeBulk();
  return { id, packages };
}

async function cancel(tx: Tx, id: string, state: string): Promise<number> {
  if (state === 'cancelled') return 0;
  const { count } = await tx`delete from replay_packages where replay_id = ${id}`;
  if (count === 0)
    throw new PermanentError('replay.ended', `All package versions of replay ${id} have had their turn.`);
  await tx`update replays set state = 'cancelled', cancelled = cancelled + ${count} where id = ${id}`;
  return count;
}

/** Those whose newest assessment is a failed one of this replay: a later one has replaced it. */
async function retry(tx: Tx, id: string): Promise<number> {
  const { count } = await tx`
    insert into replay_packages (replay_id, ordinal, purl)
    select ${id}, (select coalesce(max(ordinal), 0) from replay_packages where replay_id = ${id})
      + row_number() over (order by purl), purl
    from (select distinct purl from assessments where replay_id = ${id}) as own
    cross join lateral (
      select replay_id, state from assessments a where a.purl = own.purl order by requested_at desc, id desc limit 1
    ) as newest
    where newest.state = 'failed' and newest.replay_id = ${id}
      and not exists (select from replay_packages p where p.replay_id = ${id} and p.purl = own.purl)`;
  if (count > 0) await tx`update replays set state = 'starting', round = round + 1 where id = ${id}`;
  return count;
}
