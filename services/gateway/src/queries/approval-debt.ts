import type { ApprovalDebt } from '@sluice/api';
import type { Sql } from '@sluice/postgres';
import { datesAsText } from './dated.ts';

const itemsMax = 50;
const soonDays = 30;

type Item = Omit<ApprovalDebt['items'][number], 'since'> & { since: Date };

/** SQL: package versions that wait for a person in a scope, with since when. */
function waiting(read: Sql, scope: string) {
  return read`
    select s.purl, s.verdict, s.decision_state is not distinct from 'recalled' as recalled,
      coalesce(case when s.decision_state = 'recalled' then (s.decision ->> 'at')::timestamptz end, p.ended_at, p.requested_at, now()) as since
    from package_scopes s cross join lateral (select * from packages where purl = s.purl limit 1) as p
    where s.scope = ${scope} and ((s.decision_state is null and s.outcome = 'review') or s.decision_state = 'recalled')`;
}

/** How much waits for a person in a scope, why, for how long, and for how many. */
export async function readApprovalDebt(read: Sql, scope: string): Promise<ApprovalDebt> {
  const [[sums], byReason, [soon], items] = await Promise.all([
    read<{ waiting: number; recalled: number; oldestSince: Date | null }[]>`
      select count(*)::int as waiting, count(*) filter (where recalled)::int as recalled, min(since) as "oldestSince"
      from (${waiting(read, scope)}) as w`,
    read<ApprovalDebt['byReason'][number][]>`
      select code, count(*)::int as count from (${waiting(read, scope)}) as w cross join lateral (
        select distinct reason ->> 'code' as code from json_array_elements(w.verdict -> 'reasons') as reasons (reason)
        where reason ->> 'outcome' <> 'approve') as held
      group by code order by count desc, code`,
    read<{ count: number }[]>`
      select count(*)::int as count from package_scopes
      where scope = ${scope} and decision_state = 'approved' and decision -> 'by' ->> 'kind' = 'person'
        and (decision ->> 'until')::timestamptz between now() and now() + make_interval(days => ${soonDays})`,
    read<Item[]>`
      select w.purl, w.recalled, w.since, coalesce(asked.requests, 0) as requests, coalesce(asked.requesters, 0) as requesters,
        array(select distinct reason ->> 'code' from json_array_elements(w.verdict -> 'reasons') as reasons (reason)
          where reason ->> 'outcome' <> 'approve' order by 1) as codes
      from (${waiting(read, scope)}) as w left join lateral (
        select count(distinct i.request_id)::int as requests, count(distinct r.requester)::int as requesters
        from request_items i join requests r on r.id = i.request_id
        where i.purl = w.purl and r.scope = ${scope}) as asked on true
      order by coalesce(asked.requesters, 0) * extract(epoch from now() - w.since) desc, w.since, w.purl limit ${itemsMax}`,
  ]);
  const { oldestSince, ...counts } = sums!;
  return {
    scope,
    ...counts,
    oldestSince: oldestSince?.toISOString() ?? null,
    byReason: [...byReason],
    endingSoon: soon!.count,
    items: items.map(datesAsText),
  };
}

/** How much waits in each scope, for metrics. */
export function countWaiting(
  read: Sql,
): Promise<{ scope: string; waiting: number; oldestSeconds: number }[]> {
  return read`
    select s.scope, count(*)::int as waiting,
      greatest(0, extract(epoch from now() - min(coalesce(p.ended_at, now()))))::float8 as "oldestSeconds"
    from package_scopes s cross join lateral (select * from packages where purl = s.purl limit 1) as p
    where (s.decision_state is null and s.outcome = 'review') or s.decision_state = 'recalled'
    group by s.scope`;
}
