import type { SubmissionItem } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import { writeAll, type Write } from '../write.ts';
import { failItems, hasFailed } from './failed-requests.ts';
import type { RequestLists } from './request-lists.ts';

/** Adds requests that are new, with their items. */
export function insertRequests(tx: Tx, events: ProjectedEvent[], lists: RequestLists): Write[] {
  const submitted = ofType(events, 'request.submitted');
  const items = submitted.flatMap(({ event: { data } }) =>
    (lists.ahead.get(data.listDigest) ?? []).map((item, ordinal) => itemRow(data.requestId, item, ordinal)),
  );
  const later = submitted.filter(({ event }) => !lists.ahead.has(event.data.listDigest));
  return [
    ...addRows(tx, 'requests', requestColumns, submitted.map(requestRow)),
    ...addRows(tx, 'request_items', itemColumns, items),
    ...later.map(({ event: { data } }) => ({
      alone: true,
      send: () => insertItems(tx, data.requestId, data.listDigest, lists),
    })),
  ];
}

/**
 * Takes in again a request that was submitted before. It changes nothing, unless the request failed: its list may be
 * back. It is not open before the aggregator says so.
 */
export function redriveRequests(tx: Tx, events: ProjectedEvent[], lists: RequestLists): Write[] {
  return ofType(events, 'request.submitted').map(({ event: { data } }) => ({
    alone: true,
    send: async () => {
      if (!(await hasFailed(tx, data.requestId))) return;
      // They come from one list, all of them or none.
      if (!(await hasItems(tx, data.requestId)))
        await insertItems(tx, data.requestId, data.listDigest, lists);
      await failItems(tx, data.requestId);
    },
  }));
}

async function hasItems(tx: Tx, requestId: string): Promise<boolean> {
  return (await tx`select from request_items where request_id = ${requestId} limit 1`).length > 0;
}

async function insertItems(
  tx: Tx,
  requestId: string,
  listDigest: string,
  lists: RequestLists,
): Promise<void> {
  const items = await lists.read(listDigest);
  const rows = items.map((item, ordinal) => itemRow(requestId, item, ordinal));
  await writeAll(addRows(tx, 'request_items', itemColumns, rows));
}

const requestColumns = [
  'id',
  'lane',
  'scope',
  'requester',
  'labels',
  'platforms',
  'format',
  'filename',
  'item_count',
  'entry_count',
  'submitted_at',
  'trace_id',
  'position',
  'batch_id',
];

type Submitted = ReturnType<typeof ofType<'request.submitted'>>[number];

function requestRow({ event: { data }, traceId, position }: Submitted) {
  return [
    data.requestId,
    data.lane,
    data.scope,
    data.requester,
    data.labels,
    data.platforms ?? [],
    data.format,
    data.filename,
    data.itemCount,
    data.entryCount,
    data.submittedAt,
    traceId,
    position,
    data.batchId ?? null,
  ];
}

const itemColumns = [
  'request_id',
  'ordinal',
  'purl',
  'name',
  'version',
  'pins',
  'paths',
  'path_count',
  'flags',
  'platforms',
  'notes',
  'unassessable',
];

function itemRow(requestId: string, item: SubmissionItem, ordinal: number) {
  const { purl, name, version, pins, paths, pathCount, notes, unassessable } = item;
  const { dev, optional, bundled, direct, platforms = null } = item;
  const flags = { dev, optional, bundled, direct };
  return [
    requestId,
    ordinal,
    purl,
    name,
    version,
    pins,
    paths,
    pathCount,
    flags,
    platforms,
    notes,
    unassessable,
  ];
}
