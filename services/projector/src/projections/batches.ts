import {
  batchFilesSchema,
  errorCodeOf,
  type BatchFile,
  type EventData,
  type eventCatalogue,
} from '@sluice/contracts';
import type { ArtifactStore } from '@sluice/artifacts';
import type { Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import { writeAll, type Write } from '../write.ts';

/** 2,000 files with paths and reasons; see the importer's own limit on lists. */
const listMaxBytes = 16 * 1024 * 1024;

type DataOf<Type extends keyof typeof eventCatalogue> = EventData<(typeof eventCatalogue)[Type]>;

export interface BatchDeps {
  artifacts: ArtifactStore;
  /** Is told of each list that cannot be read: the batch shows no files then. */
  onListMissing?: ((digest: string) => void) | undefined;
}

/**
 * Brings `batches` and `batch_files` up to date with a batch of events. Each kind of event writes columns of its own, and rounds and
 * openings are counted: their order does not matter.
 */
export function projectBatches(tx: Tx, events: ProjectedEvent[], deps: BatchDeps): Write[] {
  return [
    ...ofType(events, 'batch.submitted').map((event) => submitted(tx, event)),
    ...ofType(events, 'batch.opened').map(({ event: { data } }) => opened(tx, data, deps)),
    ...ofType(events, 'batch.reopened').map(({ event: { data } }) => reopened(tx, data)),
    ...ofType(events, 'batch.completed').map(({ event: { data } }) => completed(tx, data)),
    ...ofType(events, 'batch.cancelled').map(({ event: { data } }) => cancelled(tx, data)),
  ];
}

function submitted(
  tx: Tx,
  { event: { data }, traceId, position }: ProjectedEvent<DataOf<'batch.submitted'>>,
): Write {
  const { batchId, lane, scope, requester, labels, platforms, filename, upload, submittedAt, projectId } =
    data;
  const send = () => tx`
    insert into batches (id, lane, scope, requester, labels, platforms, filename, upload_kind, submitted_at, trace_id, position,
      project_id)
    values (${batchId}, ${lane}, ${scope}, ${requester}, ${JSON.stringify(labels)}::text::jsonb,
      ${JSON.stringify(platforms)}::text::jsonb, ${filename}, ${upload?.kind ?? null}, ${submittedAt}, ${traceId}, ${position},
      ${projectId ?? null})
    on conflict (id) do update set requester = excluded.requester, labels = excluded.labels, platforms = excluded.platforms,
      filename = excluded.filename, upload_kind = excluded.upload_kind, submitted_at = excluded.submitted_at,
      trace_id = excluded.trace_id, position = excluded.position, project_id = excluded.project_id
    where batches.submitted_at is null`;
  return { send };
}

function opened(tx: Tx, data: DataOf<'batch.opened'>, deps: BatchDeps): Write {
  const { batchId, lane, scope, opening, openedAt, fileCount, requestCount, refusedCount, ignoredCount } =
    data;
  const send = async () => {
    const newer = await tx`
      insert into batches (id, lane, scope, opening, opened_at, file_count, request_count, refused_count, ignored_count)
      values (${batchId}, ${lane}, ${scope}, ${opening}, ${openedAt}, ${fileCount}, ${requestCount}, ${refusedCount},
        ${ignoredCount})
      on conflict (id) do update set opening = excluded.opening, opened_at = excluded.opened_at,
        file_count = excluded.file_count, request_count = excluded.request_count, refused_count = excluded.refused_count,
        ignored_count = excluded.ignored_count
      where batches.opening < excluded.opening returning id`;
    if (newer.length === 0) return;
    await tx`delete from batch_files where batch_id = ${batchId}`;
    const files = data.filesDigest === null ? [] : await readFiles(data.filesDigest, deps);
    await writeAll(
      addRows(
        tx,
        'batch_files',
        fileColumns,
        files.map((file, at) => fileRow(batchId, file, at)),
      ),
    );
  };
  return { alone: true, send };
}

function reopened(tx: Tx, { batchId, round }: DataOf<'batch.reopened'>): Write {
  const send = () => tx`
    update batches set round = greatest(round, ${round}), completed_at = null, failure = null
    where id = ${batchId} and completed_round < ${round}`;
  return { send };
}

function completed(
  tx: Tx,
  { batchId, lane, scope, round, completedAt, failure }: DataOf<'batch.completed'>,
): Write {
  const why = failure ? JSON.stringify({ code: failure.code, detail: failure.detail }) : null;
  const send = () => tx`
    insert into batches (id, lane, scope, round, completed_round, completed_at, failure)
    values (${batchId}, ${lane}, ${scope}, ${round}, ${round}, ${completedAt}, ${why}::text::jsonb)
    on conflict (id) do update set completed_round = excluded.completed_round,
      round = greatest(batches.round, excluded.round),
      completed_at = case when batches.round <= excluded.round then excluded.completed_at end,
      failure = case when batches.round <= excluded.round then excluded.failure end
    where batches.completed_round < excluded.completed_round`;
  return { send };
}

function cancelled(tx: Tx, { batchId, lane, scope, at }: DataOf<'batch.cancelled'>): Write {
  const send = () => tx`
    insert into batches (id, lane, scope, cancelled_at) values (${batchId}, ${lane}, ${scope}, ${at})
    on conflict (id) do update set cancelled_at = excluded.cancelled_at`;
  return { send };
}

/** @throws TransientError when the store is not available. */
async function readFiles(digest: string, { artifacts, onListMissing }: BatchDeps): Promise<BatchFile[]> {
  try {
    return batchFilesSchema.parse(JSON.parse((await artifacts.read(digest, listMaxBytes)).toString('utf8')));
  } catch (error) {
    if (errorCodeOf(error) === 'artifact.unavailable') throw error;
    onListMissing?.(digest);
    return [];
  }
}

const fileColumns = ['batch_id', 'ordinal', 'path', 'size_bytes', 'result', 'request_id', 'format', 'reason'];

function fileRow(batchId: string, file: BatchFile, ordinal: number) {
  const { path, sizeBytes, result, requestId, format, reason } = file;
  return [batchId, ordinal, path, sizeBytes, result, requestId, format, reason];
}
