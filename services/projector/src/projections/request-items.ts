import type { EventData, requestProgressed, requestReopened } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import type { Write } from '../write.ts';

type Progressed = EventData<typeof requestProgressed>;
type Reopened = EventData<typeof requestReopened>;

/**
 * Items that are tried again. Events of a round may come before its opening or after that of the next: an item
 * that is in this round already, or a round that was completed already, stays as it is.
 */
export function reopenItems(tx: Tx, { requestId, round, ordinals, purls }: Reopened): Write[] {
  const reopenRequest = () => tx`
    update requests set round = ${round}, cancelled_at = null, failure = null,
      completed_at = case when completed_round >= ${round} then completed_at end
    where id = ${requestId} and round < ${round}`;
  const reopen = () => tx`
    with before as (
      select ordinal, outcome from request_items
      where request_id = ${requestId} and round < ${round} and ordinal = any(${ordinals}::int[]) for update
    ), reopened as (
      update request_items i set round = ${round}, outcome = null, reasons = null, assessment_id = null, follows = null, ended_at = null
      from before b where i.request_id = ${requestId} and i.ordinal = b.ordinal
      returning b.outcome
    )
    ${addCounts(tx, tx`select ${requestId}::uuid as request_id, outcome, -count(*)::int as n from reopened where outcome is not null group by 2`)}`;
  // Under the names that they have now: earlier versions merged names that differ in their letters only.
  const rename = () => tx`
    update request_items i set purl = e.purl
    from unnest(${ordinals}::int[], ${purls ?? []}::text[]) as e (ordinal, purl)
    where i.request_id = ${requestId} and i.ordinal = e.ordinal and e.purl is not null`;
  return [{ send: reopenRequest }, { send: reopen }, ...(purls ? [{ send: rename }] : [])];
}

/** Ends items of a round. An item ends once in a round, so that a repeated event changes nothing. */
export function endItems(tx: Tx, progressed: Progressed[]): Write[] {
  const ended = progressed.flatMap(({ requestId, round = 1, items }) =>
    items.map((item) => ({ ...item, requestId, round })),
  );
  if (ended.length === 0) return [];
  const send = () => tx`
    with told as (
      -- Of an item that is told twice, what was told first, as if its events had come one by one.
      select distinct on ("requestId", ordinal) * from rows from (
        jsonb_to_recordset(${JSON.stringify(ended)}::text::jsonb) as (
          "requestId" uuid, round int, ordinal int, outcome text, reasons jsonb, "assessmentId" uuid, follows text,
          at timestamptz)
      ) with ordinality as e ("requestId", round, ordinal, outcome, reasons, "assessmentId", follows, at, told)
      order by "requestId", ordinal, told
    ), before as (
      select i.outcome as before, e.*
      from told e join request_items i on i.request_id = e."requestId" and i.ordinal = e.ordinal
      where i.round < e.round or (i.round = e.round and i.outcome is null)
    ), ended as (
      update request_items i set round = b.round, outcome = b.outcome, reasons = b.reasons,
        assessment_id = b."assessmentId", follows = b.follows, ended_at = b.at
      from before b where i.request_id = b."requestId" and i.ordinal = b.ordinal
      returning i.request_id, b.before, i.outcome
    )
    ${addCounts(
      tx,
      tx`
        select request_id, outcome, sum(n)::int as n from (
          select request_id, outcome, 1 as n from ended
          union all select request_id, before, -1 from ended where before is not null
        ) as changes group by 1, 2`,
    )}`;
  return [{ send }];
}

/** Adds the rows of a query (request_id, outcome, n) to the requests' counts of ended items. */
function addCounts(tx: Tx, changes: ReturnType<Tx>) {
  return tx`
    update requests r set ended_items = r.ended_items + s.total,
      counts = r.counts || (
        select jsonb_object_agg(key, coalesce((r.counts ->> key)::int, 0) + value::int) from jsonb_each_text(s.counts))
    from (
      select request_id, sum(n)::int as total, jsonb_object_agg(outcome, n) as counts from (${changes}) as c group by 1
    ) as s where r.id = s.request_id`;
}
