import { recordAudit } from '@sluice/delivery';
import {
  PermanentError,
  type ReplayFilter,
  type ReplayInput,
  type ReplayOutput,
  type StageName,
} from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { newestAssessment } from '../assessments/newest-assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';

/**
 * Has a stage run again over package versions that were assessed before: they wait in `replay_packages` and begin
 * when their turn comes (`admitBulk`). The choice is made now; sent again with the same id, nothing changes.
 * @throws PermanentError `idempotency.mismatch` when the id is of another replay.
 */
export async function replayStage(input: ReplayInput, deps: AggregatorDeps): Promise<ReplayOutput> {
  const { id, by, reason, dryRun, ...filter } = input;
  return transact(deps, 'command replay', async (tx) => {
    if (dryRun) return { id: null, ...(await count(tx, filter)), repeated: false };
    const now = deps.now();
    const inserted = await tx`
      insert into replays (id, stage, filter, by_name, reason, created_at)
      values (${id}, ${filter.stage}, ${JSON.stringify(filter)}::text::jsonb, ${by}, ${reason}, ${now})
      on conflict (id) do nothing returning id`;
    if (inserted.length === 0) return findEarlier(tx, id, filter);
    const { count: packages } = await tx`
      insert into replay_packages (replay_id, ordinal, purl)
      select ${id}, row_number() over (order by chosen.ended_at, chosen.purl), chosen.purl
      from (${chosen(tx, filter)}) as chosen`;
    await tx`
      update replays set total = ${packages}, state = ${packages > 0 ? 'starting' : 'started'} where id = ${id}`;
    const { running } = await count(tx, filter);
    await recordAudit(tx, 'aggregator', {
      actor: by,
      action: 'replay',
      subject: `replay ${id}`,
      detail: { reason, filter, packages },
    });
    return { id, packages, running, repeated: false };
  });
}

async function findEarlier(tx: Tx, id: string, filter: ReplayFilter): Promise<ReplayOutput> {
  const [earlier] = await tx<{ packages: number; same: boolean; running: number }[]>`
    select total as packages, filter = ${JSON.stringify(filter)}::text::jsonb as same,
      (select count(*)::int from assessments a where a.replay_id = r.id and a.state = 'running') as running
    from replays r where id = ${id}`;
  if (!earlier!.same)
    throw new PermanentError(
      'idempotency.mismatch',
      `The key was used for replay ${id}, which was another one.`,
    );
  return { id, packages: earlier!.packages, running: earlier!.running, repeated: true };
}

async function count(tx: Tx, filter: ReplayFilter): Promise<{ packages: number; running: number }> {
  const [row] = await tx<{ packages: number; running: number }[]>`
    select count(*)::int as packages, count(r.id)::int as running
    from (${chosen(tx, filter)}) as chosen left join assessments r on r.purl = chosen.purl and r.state in ('waiting', 'running')`;
  return row!;
}

/** Package versions with their newest assessment that had a verdict, the longest ago first. */
function chosen(tx: Tx, filter: ReplayFilter) {
  const { since, until, ecosystem, rulesVersion, advisoriesVersion, limit } = filter;
  return tx`
    select p.purl, a.ended_at
    from (select distinct purl from packages) as p cross join lateral (${newestAssessment(tx)}) as a
    where a.state = 'assessed'
      ${since === null ? tx`` : tx`and a.ended_at >= ${since}`}
      ${until === null ? tx`` : tx`and a.ended_at < ${until}`}
      ${ecosystem === null ? tx`` : tx`and p.purl like ${`pkg:${ecosystem}/%`}`}
      ${rulesVersion === null ? tx`` : tx`and ${isOlder(tx, filter.stage, rulesVersion)}`}
      ${advisoriesVersion === null ? tx`` : tx`and a.scan -> 'advisories' ->> 'version' is distinct from ${advisoriesVersion}`}
    order by a.ended_at, p.purl limit ${limit}`;
}

/** A producer is `<stage>/<version>`. The scanner's versions are digests, which have no order: any other is older. */
function isOlder(tx: Tx, stage: StageName, version: string) {
  const made = tx`split_part(a.${tx(stage)} ->> 'producer', '/', 2)`;
  if (!/^\d{1,9}$/.test(version)) return tx`${made} <> ${version}`;
  return tx`(case when ${made} ~ '^[0-9]{1,9}$' then ${made}::int < ${Number(version)} else true end)`;
}
