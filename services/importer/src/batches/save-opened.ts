import { uuidV5, type BatchFile, type Lane } from '@sluice/contracts';
import { addToOutbox, withOutbox } from '@sluice/delivery';
import { columnsOf, type Tx } from '@sluice/postgres';
import { failpoint } from '@sluice/runtime';
import { submittedMessage, type StoredSubmission } from '@sluice/submissions';
import type { ImporterDeps } from '../deps.ts';
import { openedMessage, type BatchOpened } from './batch-facts.ts';
import type { OpenedRequest } from './open-files.ts';

/** The batch that files belong to. */
export interface BatchOfFiles {
  id: string;
  lane: Lane;
  scope: string;
  requester: string;
  labels: Record<string, string>;
  platforms: string[];
  submittedAt: Date;
}

/** Why a batch failed as a whole. */
export interface BatchFailure {
  code: string;
  detail: string;
}

/** Files that are named in the list, at most: of a whole repository, most are none that anybody asks about. */
const listedMax = 2_000;

/**
 * Stores the list of a batch's files. Ignored files beyond the limit are counted only; requests and refusals are always in it.
 * @returns its digest.
 */
export async function storeFiles(
  files: readonly BatchFile[],
  { artifacts }: Pick<ImporterDeps, 'artifacts'>,
): Promise<string> {
  let room = listedMax - files.filter(({ result }) => result !== 'ignored').length;
  const listed = files.filter(({ result }) => result !== 'ignored' || (room -= 1) >= 0);
  return (await artifacts.put(Buffer.from(JSON.stringify(listed)))).digest;
}

/** The id of a request is that of its batch and path: a batch that is opened again has the same requests. */
export function requestIdOf(batchId: string, path: string): string {
  return uuidV5(`${batchId}/request/${path}`);
}

/** Writes rows and messages of an opened batch. */
export async function saveOpened(
  tx: Tx,
  batch: BatchOfFiles,
  opened: BatchOpened,
  requests: readonly OpenedRequest[],
): Promise<void> {
  const submissions = requests.map((request) => submissionOf(batch, request));
  await tx`
    insert into batches (id, opening, opened) values (${batch.id}, ${opened.opening}, ${JSON.stringify(opened)}::text::jsonb)
    on conflict (id) do update set opening = excluded.opening, opened = excluded.opened, submitted_at = now(),
      taken_in_at = null`;
  if (submissions.length > 0) {
    const column = columnsOf(tx, submissions);
    await tx`
      insert into submissions (id, batch_id, lane, scope, requester, labels, platforms, format, filename, item_count, entry_count,
        list_digest, submitted_at)
      select id, ${batch.id}, ${batch.lane}, ${batch.scope}, ${batch.requester}, ${JSON.stringify(batch.labels)}::text::jsonb,
        ${JSON.stringify(batch.platforms)}::text::jsonb, format, filename, item_count, entry_count, list_digest,
        ${batch.submittedAt}
      from unnest(
        ${column(({ id }) => id)}::uuid[], ${column(({ format }) => format)}, ${column(({ filename }) => filename)},
        ${column(({ itemCount }) => itemCount)}::int[], ${column(({ entryCount }) => entryCount)}::int[],
        ${column(({ listDigest }) => listDigest)}) as e (id, format, filename, item_count, entry_count, list_digest)
      on conflict (id) do nothing`;
  }
  const messages = submissions.map((submission) => submittedMessage(submission, 'importer'));
  await addToOutbox(tx, [...messages, openedMessage(opened)]);
}

function submissionOf(
  { id: batchId, ...batch }: BatchOfFiles,
  { id, path, format, itemCount, entryCount, listDigest }: OpenedRequest,
): StoredSubmission {
  return { ...batch, id, batchId, format, filename: path, itemCount, entryCount, listDigest };
}

/** A transaction whose messages are published right after it. */
export async function commit<Result>(
  { sql, published }: Pick<ImporterDeps, 'sql' | 'published'>,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const { result, written } = await withOutbox(sql, async (tx) => {
    const done = await work(tx);
    failpoint('before-commit');
    return done;
  });
  failpoint('after-commit');
  published(written);
  return result;
}
