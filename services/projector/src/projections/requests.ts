import type { ArtifactStore } from '@sluice/artifacts';
import { submissionSchema, type SubmissionItem } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { ofType, type ProjectedEvent } from '../projected-event.ts';

/** 20,000 items of some hundred bytes; see the gateway's own limit on submissions. */
const listMaxBytes = 64 * 1024 * 1024;

/** Brings `requests` and `request_items` up to date with a batch of events. */
export async function projectRequests(
  tx: Tx,
  events: ProjectedEvent[],
  artifacts: ArtifactStore,
): Promise<void> {
  for (const projected of ofType(events, 'request.submitted')) {
    const { data } = projected.event;
    const inserted = await tx`
      insert into requests (id, lane, requester, labels, format, filename, item_count, entry_count, submitted_at, trace_id, position)
      values (${data.requestId}, ${data.lane}, ${data.requester}, ${JSON.stringify(data.labels)}::text::jsonb, ${data.format},
        ${data.filename}, ${data.itemCount}, ${data.entryCount}, ${data.submittedAt}, ${projected.traceId}, ${projected.position})
      on conflict do nothing returning id`;
    if (inserted.length === 0) continue;
    const list = submissionSchema.parse(
      JSON.parse((await artifacts.read(data.listDigest, listMaxBytes)).toString('utf8')),
    );
    await insertItems(tx, data.requestId, list.items);
  }
  await endItems(tx, events);
  for (const { event } of ofType(events, 'request.completed')) {
    await tx`update requests set completed_at = ${event.data.completedAt} where id = ${event.data.requestId}`;
  }
}

async function insertItems(tx: Tx, requestId: string, items: SubmissionItem[]): Promise<void> {
  const rows = items.map(({ dev, optional, bundled, direct, ...item }, ordinal) => ({
    ordinal,
    ...item,
    flags: { dev, optional, bundled, direct },
  }));
  await tx`
    insert into request_items (request_id, ordinal, purl, name, version, integrity, paths, path_count, flags, notes, unassessable)
    select ${requestId}, ordinal, purl, name, version, integrity, paths, "pathCount", flags, notes, nullif(unassessable, 'null')
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as e (
      ordinal int, purl text, name text, version text, integrity text, paths jsonb, "pathCount" int, flags jsonb,
      notes jsonb, unassessable jsonb)
    on conflict do nothing`;
}

async function endItems(tx: Tx, events: ProjectedEvent[]): Promise<void> {
  const ended = ofType(events, 'request.progressed').flatMap(({ event }) =>
    event.data.items.map((item) => ({ ...item, requestId: event.data.requestId })),
  );
  if (ended.length === 0) return;
  // Only items that had not ended count, so that an event that comes again changes nothing.
  await tx`
    with ended as (
      update request_items i set outcome = e.outcome, reasons = e.reasons, assessment_id = e."assessmentId", ended_at = e.at
      from jsonb_to_recordset(${JSON.stringify(ended)}::text::jsonb) as e (
        "requestId" uuid, ordinal int, outcome text, reasons jsonb, "assessmentId" uuid, at timestamptz)
      where i.request_id = e."requestId" and i.ordinal = e.ordinal and i.outcome is null
      returning i.request_id, i.outcome
    ), sums as (
      select request_id, sum(n)::int as total, jsonb_object_agg(outcome, n) as counts
      from (select request_id, outcome, count(*)::int as n from ended group by 1, 2) as by_outcome group by 1
    )
    update requests r set ended_items = r.ended_items + s.total,
      counts = r.counts || (
        select jsonb_object_agg(key, coalesce((r.counts ->> key)::int, 0) + value::int) from jsonb_each_text(s.counts))
    from sums s where r.id = s.request_id`;
}
