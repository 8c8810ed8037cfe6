import {
  PermanentError,
  TransientError,
  errorCodeOf,
  isCoded,
  sentFilesSchema,
  type EventData,
  type batchSubmitted,
} from '@sluice/contracts';
import { claimEvents, type Received } from '@sluice/delivery';
import { ArchiveRefused } from '@sluice/inspection/archive';
import { asTransient, type Tx } from '@sluice/postgres';
import { failpoint } from '@sluice/runtime';
import type { ImporterDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import type { FileSource } from '../sources/file-source.ts';
import { sentFilesSource } from '../sources/sent-files.ts';
import { zipSource } from '../sources/zip-source.ts';
import type { BatchOpened } from './batch-facts.ts';
import { openFiles, type OpenedFiles } from './open-files.ts';
import { countsOf, noFiles, nothingOpened } from './describe-opened.ts';
import { requestIdOf, saveOpened, storeFiles, type BatchFailure, type BatchOfFiles } from './save-opened.ts';

type Submitted = EventData<typeof batchSubmitted>;

/** An upload has at most as many bytes as the API takes. */
const uploadMaxBytes = 1024 * 1024 * 1024;

/** Opens batches: each file that can be read becomes a request. One after the other, since each is work of seconds. */
export function onBatchSubmitted(deps: ImporterDeps) {
  return async (batch: Received<Submitted>[]): Promise<void> => {
    for (const received of batch) await openBatch(received, deps);
  };
}

/**
 * Opens one batch. One that was opened before is left alone, unless it failed: its dead letter was redriven.
 * @throws TransientError for an upload that cannot be read now; errors of Postgres.
 */
async function openBatch({ event }: Received<Submitted>, deps: ImporterDeps): Promise<void> {
  const { data } = event;
  // The importer made it itself, and has opened it.
  if (data.upload === null) return;
  if (await isOpened(data.batchId, deps)) return;
  const opened = await readUpload(data, deps);
  failpoint('effect-done');
  const batch = batchOf(data);
  const filesDigest = await storeFiles(opened.files, deps);
  await transact(deps, async (tx) => {
    if (!(await claimEvents(tx, 'importer/batch-submitted', [event.id])).has(event.id)) return;
    const opening = await nextOpening(tx, batch.id);
    if (opening === null) return;
    const told: BatchOpened = {
      ...aboutOf(data),
      ...countsOf(opened),
      opening,
      filesDigest,
      openedAt: deps.now().toISOString(),
      ...(opened.failure ? { failure: opened.failure } : {}),
    };
    await saveOpened(tx, batch, told, opened.requests);
  });
}

/** Ends a batch that cannot be opened, with the code of why: every batch that was accepted ends. */
export function giveUpBatch(deps: ImporterDeps) {
  return ({ event: { data } }: Received<Submitted>, error: unknown): Promise<void> =>
    transact(deps, async (tx) => {
      const opening = data.upload === null ? null : await nextOpening(tx, data.batchId);
      if (opening === null || opening > 1) return;
      const failure = {
        code: errorCodeOf(error),
        detail: isCoded(error) ? error.message : 'Something went wrong inside of the importer.',
      };
      deps.log.error({ batch: data.batchId, err: error }, 'a batch cannot be opened and ends as failed');
      const told = {
        ...aboutOf(data),
        ...nothingOpened,
        opening,
        openedAt: deps.now().toISOString(),
        failure,
      };
      await saveOpened(tx, batchOf(data), told, []);
    });
}

interface Opened extends OpenedFiles {
  failure: BatchFailure | null;
}

async function readUpload(data: Submitted, deps: ImporterDeps): Promise<Opened> {
  try {
    const source = await sourceOf(data.upload!, deps);
    failpoint('fetched');
    const options = {
      platforms: data.platforms,
      isContentRead: true,
      idOf: (path: string) => requestIdOf(data.batchId, path),
    };
    const found = await openFiles(source, options, deps);
    return { ...found, failure: noFiles(found) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { files: [], requests: [], failure };
  }
}

async function sourceOf(
  { kind, digest }: NonNullable<Submitted['upload']>,
  { artifacts }: Pick<ImporterDeps, 'artifacts'>,
): Promise<FileSource> {
  const bytes = await artifacts.read(digest, uploadMaxBytes).catch((cause: unknown) => {
    if (errorCodeOf(cause) === 'artifact.unavailable') throw cause;
    // It may be on its way: a share that is not mounted yet, a backup that is being played back.
    const why = isCoded(cause) ? cause.message : 'It is gone.';
    throw new TransientError('batch.upload-unreadable', `The upload cannot be read: ${why}`, { cause });
  });
  if (kind === 'archive') return zipSource(bytes);
  return sentFilesSource(sentFilesSchema.parse(JSON.parse(bytes.toString('utf8'))), artifacts);
}

/** Faults of the upload itself are results. @returns null for all others. */
function failureOf(error: unknown): Opened['failure'] {
  if (error instanceof ArchiveRefused)
    return { code: 'batch.archive-refused', detail: `${error.reason}: ${error.message}` };
  if (error instanceof PermanentError) return { code: error.code, detail: error.message };
  return null;
}

const aboutOf = ({ batchId, lane, scope }: Submitted) => ({ batchId, lane, scope });

function batchOf({
  batchId,
  lane,
  scope,
  requester,
  labels,
  platforms,
  submittedAt,
}: Submitted): BatchOfFiles {
  return { id: batchId, lane, scope, requester, labels, platforms, submittedAt: new Date(submittedAt) };
}

async function isOpened(batchId: string, { sql }: Pick<ImporterDeps, 'sql'>): Promise<boolean> {
  const rows = await sql`select from batches where id = ${batchId} and not opened ? 'failure'`.catch(
    (error: unknown) => {
      throw asTransient(error);
    },
  );
  return rows.length > 0;
}

/** Which opening comes next; null for a batch that was opened well. */
async function nextOpening(tx: Tx, batchId: string): Promise<number | null> {
  const [row] = await tx<{ opening: number; hasFailed: boolean }[]>`
    select opening, opened ? 'failure' as "hasFailed" from batches where id = ${batchId} for update`;
  if (!row) return 1;
  return row.hasFailed ? row.opening + 1 : null;
}
