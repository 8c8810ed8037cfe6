import {
  formatPurl,
  uuidV5,
  type EventData,
  type ReplayFilter,
  type advisoriesChanged,
} from '@sluice/contracts';
import { claimEvents, type Received } from '@sluice/delivery';
import { names } from '@sluice/ecosystems/names';
import type { Tx } from '@sluice/postgres';
import { newestAssessment } from '../assessments/newest-assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';

type Changed = EventData<typeof advisoriesChanged>;

/** The reason of a replay is read by people; it names as many packages as fit into a line. */
const namedMax = 5;

/**
 * Has every version in use of the named packages compared with the advisories again, by an urgent replay of the scan: approved ones
 * first, since they may have to be recalled. One in flight is among them, since its scan may have seen the advisories from
 * before. A package that is not named is not touched.
 */
export function onAdvisoriesChanged(deps: AggregatorDeps) {
  return async (batch: Received<Changed>[]): Promise<void> => {
    await transact(deps, 'on advisories changed', async (tx) => {
      const fresh = await claimEvents(
        tx,
        'aggregator/advisories',
        batch.map(({ event }) => event.id),
      );
      for (const { event } of batch) {
        if (fresh.has(event.id)) await replayChanged(tx, event.id, event.data, deps);
      }
    });
    deps.wakeBulk();
  };
}

async function replayChanged(
  tx: Tx,
  eventId: string,
  { ecosystem, version, packages }: Changed,
  deps: AggregatorDeps,
): Promise<void> {
  const type = names.find(({ osvName }) => osvName === ecosystem)?.type;
  // A version that has this ecosystem's advisories knows its purl type as well.
  if (type === undefined) return;
  const id = uuidV5(`advisories/${eventId}`);
  const reason = `Advisories changed: ${packages === null ? `of many ${type} packages` : inWords(packages)}.`;
  const filter = filterOf(type, version);
  await tx`
    insert into replays (id, stage, filter, by_name, reason, created_at, urgent)
    values (${id}, 'scan', ${JSON.stringify(filter)}::text::jsonb, 'advisories', ${reason}, ${deps.now()}, true)`;
  const { count } = await tx`
    insert into replay_packages (replay_id, ordinal, purl)
    select ${id}, row_number() over (order by chosen.rank, chosen.purl), chosen.purl from (
      select p.purl, p.rank from (
        select purl, min(case when decision ->> 'state' = 'approved' then 0 else 1 end) as rank
        from packages where ${isNamed(tx, type, packages)} group by purl
      ) as p left join lateral (${newestAssessment(tx)}) as a on true
      where a.scan -> 'advisories' ->> 'version' is distinct from ${version}
    ) as chosen`;
  // Nothing in use has these names.
  if (count === 0) await tx`delete from replays where id = ${id}`;
  else await tx`update replays set total = ${count} where id = ${id}`;
}

function isNamed(tx: Tx, type: string, packages: readonly string[] | null) {
  if (packages === null) return tx`purl like ${`pkg:${type}/%`}`;
  // The expression of the index `packages_named`.
  const prefixes = packages.map((name) => formatPurl({ type, name, version: '' }).slice(0, -1));
  return tx`regexp_replace(purl, '@[^@]*$', '') = any(${prefixes}::text[])`;
}

/** As a replay by hand would have it, for the list of replays. */
function filterOf(ecosystem: string, advisoriesVersion: string): ReplayFilter {
  const whole = { since: null, until: null, rulesVersion: null, limit: 1_000_000 };
  return { stage: 'scan', ecosystem, advisoriesVersion, ...whole };
}

function inWords(packages: readonly string[]): string {
  const more = packages.length - namedMax;
  return packages.slice(0, namedMax).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
