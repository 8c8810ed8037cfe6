import type { ArtifactStore } from '@sluice/artifacts';
import {
  TransientError,
  submissionSchema,
  type EventData,
  type SubmissionItem,
  type eventCatalogue,
} from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import type { ProjectedEvent } from '../projected-event.ts';
import { writeAll } from '../write.ts';
import { failItems, failRequest, hasFailed } from './failed-requests.ts';

/** 20,000 items of some hundred bytes; see the gateway's own limit on submissions. */
const listMaxBytes = 64 * 1024 * 1024;

/**
 * Brings `requests` and `request_items` up to date with a batch of events, in their order. Ended items are many and
 * come together: they are collected until another kind of event about requests comes.
 */
export async function projectRequests(
  tx: Tx,
  events: ProjectedEvent[],
  artifacts: ArtifactStore,
): Promise<void> {
  let progressed: DataOf<'request.progressed'>[] = [];
  for (const projected of events) {
    const { event } = projected;
    if (!event.type.startsWith('request.')) continue;
    if (event.type === 'request.progressed') {
      progressed.push(event.data as DataOf<'request.progressed'>);
      continue;
    }
    await endItems(tx, progressed);
    progressed = [];
    await projectRequest(tx, projected, artifacts);
  }
  await endItems(tx, progressed);
}

type DataOf<Type extends keyof typeof eventCatalogue> = EventData<(typeof eventCatalogue)[Type]>;

async function projectRequest(tx: Tx, projected: ProjectedEvent, artifacts: ArtifactStore): Promise<void> {
  const { event } = projected;
  switch (event.type) {
    case 'request.submitted':
      return insertRequest(tx, projected, event.data as DataOf<'request.submitted'>, artifacts);
    case 'request.completed': {
      const { requestId, round = 1, completedAt, failure } = event.data as DataOf<'request.completed'>;
      const { count } = await tx`
        update requests set completed_at = case when round <= ${round} then ${completedAt}::timestamptz else completed_at end,
          completed_round = ${round}, failure = null
        where id = ${requestId} and completed_round < ${round}`;
      if (failure && count > 0) await failRequest(tx, requestId, failure);
      return undefined;
    }
    case 'request.cancelled': {
      const { requestId, at } = event.data as DataOf<'request.cancelled'>;
      await tx`update requests set cancelled_at = ${at} where id = ${requestId}`;
      return undefined;
    }
    case 'request.lane-changed': {
      const { requestId, lane } = event.data as DataOf<'request.lane-changed'>;
      await tx`update requests set lane = ${lane} where id = ${requestId}`;
      return undefined;
    }
    case 'request.reopened':
      return reopenItems(tx, event.data as DataOf<'request.reopened'>);
    default:
      return undefined;
  }
}

async function insertRequest(
  tx: Tx,
  projected: ProjectedEvent,
  data: DataOf<'request.submitted'>,
  artifacts: ArtifactStore,
): Promise<void> {
  const inserted = await tx`
    insert into requests (id, lane, requester, labels, format, filename, item_count, entry_count, submitted_at, trace_id, position)
    values (${data.requestId}, ${data.lane}, ${data.requester}, ${JSON.stringify(data.labels)}::text::jsonb, ${data.format},
      ${data.filename}, ${data.itemCount}, ${data.entryCount}, ${data.submittedAt}, ${projected.traceId}, ${projected.position})
    on conflict do nothing returning id`;
  const isRedriven = inserted.length === 0;
  if (isRedriven && !(await hasFailed(tx, data.requestId))) return;
  // They come from one list, all of them or none.
  if (!isRedriven || !(await hasItems(tx, data.requestId)))
    await insertItems(tx, data.requestId, await readItems(data.listDigest, artifacts));
  // Its list may be back, but it is not open before the aggregator says so.
  if (isRedriven) await failItems(tx, data.requestId);
}

async function hasItems(tx: Tx, requestId: string): Promise<boolean> {
  return (await tx`select from request_items where request_id = ${requestId} limit 1`).length > 0;
}

/** A list that is gone leaves its request without items here; the order of everything else must go on. */
async function readItems(listDigest: string, artifacts: ArtifactStore): Promise<SubmissionItem[]> {
  try {
    const bytes = await artifacts.read(listDigest, listMaxBytes);
    return submissionSchema.parse(JSON.parse(bytes.toString('utf8'))).items;
  } catch (error) {
    if (error instanceof TransientError) throw error;
    return [];
  }
}

/**
 * Items that are tried again. What is told of a round may come before its opening or after that of the next: an item
 * that is in this round already, or a round that was completed already, stays as it is.
 */
async function reopenItems(
  tx: Tx,
  { requestId, round, ordinals }: DataOf<'request.reopened'>,
): Promise<void> {
  await tx`
    update requests set round = ${round}, cancelled_at = null, failure = null,
      completed_at = case when completed_round >= ${round} then completed_at end
    where id = ${requestId} and round < ${round}`;
  await tx`
    with before as (
      select ordinal, outcome from request_items
      where request_id = ${requestId} and round < ${round} and ordinal = any(${ordinals}::int[]) for update
    ), reopened as (
      update request_items i set round = ${round}, outcome = null, reasons = null, assessment_id = null, ended_at = null
      from before b where i.request_id = ${requestId} and i.ordinal = b.ordinal
      returning b.outcome
    )
    ${addCounts(tx, tx`select ${requestId}::uuid as request_id, outcome, -count(*)::int as n from reopened where outcome is not null group by 2`)}`;
}

const itemColumns = [
  'request_id',
  'ordinal',
  'purl',
  'name',
  'version',
  'integrity',
  'paths',
  'path_count',
  'flags',
  'notes',
  'unassessable',
];

async function insertItems(tx: Tx, requestId: string, items: SubmissionItem[]): Promise<void> {
  const writes = addRows(
    tx,
    'request_items',
    itemColumns,
    items.map(
      ({ purl, name, version, integrity, paths, pathCount, notes, unassessable, ...item }, ordinal) => {
        const { dev, optional, bundled, direct } = item;
        const flags = { dev, optional, bundled, direct };
        return [
          requestId,
          ordinal,
          purl,
          name,
          version,
          integrity,
          paths,
          pathCount,
          flags,
          notes,
          unassessable,
        ];
      },
    ),
  );
  await writeAll(writes);
}

async function endItems(tx: Tx, progressed: DataOf<'request.progressed'>[]): Promise<void> {
  const ended = progressed.flatMap(({ requestId, round = 1, items }) =>
    items.map((item) => ({ ...item, requestId, round })),
  );
  if (ended.length === 0) return;
  // An item ends once in a round, so that an event that comes again changes nothing.
  await tx`
    with told as (
      select distinct on ("requestId", ordinal) * from jsonb_to_recordset(${JSON.stringify(ended)}::text::jsonb) as e (
        "requestId" uuid, round int, ordinal int, outcome text, reasons jsonb, "assessmentId" uuid, at timestamptz)
      order by "requestId", ordinal, round desc
    ), before as (
      select i.outcome as before, e.*
      from told e join request_items i on i.request_id = e."requestId" and i.ordinal = e.ordinal
      where i.round < e.round or (i.round = e.round and i.outcome is null)
    ), ended as (
      update request_items i set round = b.round, outcome = b.outcome, reasons = b.reasons,
        assessment_id = b."assessmentId", ended_at = b.at
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
}

/** Adds to the requests' counts of ended items what a query (request_id, outcome, n) says. */
function addCounts(tx: Tx, changes: ReturnType<Tx>) {
  return tx`
    update requests r set ended_items = r.ended_items + s.total,
      counts = r.counts || (
        select jsonb_object_agg(key, coalesce((r.counts ->> key)::int, 0) + value::int) from jsonb_each_text(s.counts))
    from (
      select request_id, sum(n)::int as total, jsonb_object_agg(outcome, n) as counts from (${changes}) as c group by 1
    ) as s where r.id = s.request_id`;
}
