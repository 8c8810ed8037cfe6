import type { BatchDetail, BatchSummary, ShownBatchFile } from '@sluice/api';
import { plural } from '../output.ts';
import { printable } from './printable.ts';
import { progressText } from './progress.ts';
import { renderColumns } from './requests.ts';

/** A batch a line: id, state, its files, its name, requester, time of submission. Pure. */
export function renderBatches(batches: readonly BatchSummary[]): string {
  if (batches.length === 0) return 'There are no batches yet.\n';
  const rows = batches.map(({ id, state, requestCount, fileCount, filename, requester, submittedAt }) => [
    id,
    state,
    `${requestCount ?? '?'}/${fileCount ?? '?'}`,
    filename ?? '-',
    requester,
    submittedAt.slice(0, 19).replace('T', ' '),
  ]);
  const heading = ['batch', 'state', 'lockfiles/files', 'name', 'requester', 'submitted (UTC)'];
  return `${renderColumns([heading, ...rows])}\n`;
}

/** How far a batch is, and its files where they are given. Pure. */
export function renderBatch(batch: BatchDetail, files: readonly ShownBatchFile[] | null): string {
  const { id, state, failure, filename, completedAt, fileCount, requests } = batch;
  const lines = [`Batch ${id}${filename === null ? '' : ` of ${filename}`}: ${state}`];
  if (failure) lines.push(`${failure.detail} (${failure.code})`, failure.remedy);
  if (fileCount !== null) lines.push(countsText(batch));
  const states = Object.entries(requests).map(([name, count]) => `${count} ${name}`);
  if (states.length > 0) lines.push(`Requests: ${states.join(', ')}.`);
  if (completedAt === null && fileCount !== null) lines.push(progressText(batch));
  const outcomes = Object.entries(batch.counts).map(([outcome, count]) => `${count} ${outcome}`);
  if (outcomes.length > 0) lines.push(`Items: ${outcomes.join(', ')}.`);
  const text = `${lines.map(printable).join('\n')}\n`;
  return files === null ? text : `${text}\n${renderFiles(files)}`;
}

function countsText({ fileCount, requestCount, refusedCount, ignoredCount }: BatchDetail): string {
  return (
    `${plural(fileCount ?? 0, 'file')}: ${requestCount} read, ` +
    `${refusedCount} that should be lockfiles and cannot be read, ${ignoredCount} ignored.`
  );
}

/** A file a line: its result, its request's state, its path, and why it is no request. Pure. */
export function renderFiles(files: readonly ShownBatchFile[]): string {
  if (files.length === 0) return 'It has no files, or they are not read yet.\n';
  const rows = files.map(({ path, result, state, requestId, reason }) => [
    result,
    state ?? '-',
    path,
    requestId ?? (reason ? `${reason.code}  ${reason.message}` : '-'),
  ]);
  return `${renderColumns([['result', 'state', 'file', 'request, or why not'], ...rows])}\n`;
}
