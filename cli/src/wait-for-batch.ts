import { batchDetailSchema, batchFilePageSchema, type BatchDetail, type ShownBatchFile } from '@sluice/api';
import type { ApiClient } from './api-client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { pollUntil } from './poll-until.ts';
import { ProgressLine } from './render/progress.ts';
import type { Vetted } from './vet-all.ts';

export function readBatch(api: ApiClient, id: string): Promise<BatchDetail> {
  return api.get(batchDetailSchema, `/v1/batches/${id}`);
}

export function batchFiles(api: ApiClient, id: string): Promise<ShownBatchFile[]> {
  return api.pages(batchFilePageSchema, `/v1/batches/${id}/files`);
}

/** Follows a batch until its last request ended. @throws CommandError with exit code 3 after the timeout. */
export async function waitForBatch(api: ApiClient, id: string, timeoutMs: number): Promise<BatchDetail> {
  const progress = new ProgressLine();
  const read = async () => {
    const batch = await readBatch(api, id);
    progress.show(batch);
    return batch;
  };
  try {
    return await pollUntil(read, {
      isDone: ({ completedAt }) => completedAt !== null,
      timeoutMs,
      late: ({ endedItems, itemCount }) => ({
        message: `Batch ${id} is not completed in the given time: ${endedItems} of ${itemCount} items ended.`,
        lookAgain: `batch status ${id}`,
        code: 'batch.not-completed',
      }),
    });
  } finally {
    progress.end();
  }
}

/**
 * The results of a batch, file by file, as those of a folder that is vetted. A file that should be a lockfile and cannot be read is an
 * error of its own; ignored ones are left out.
 * @throws CommandError with exit code 2 for a batch that failed as a whole.
 */
export async function resultsOf(api: ApiClient, batch: BatchDetail): Promise<Vetted[]> {
  if (batch.failure) {
    const { code, detail, remedy } = batch.failure;
    throw new CommandError(exitCodes.usage, detail, remedy, { code });
  }
  const results: Vetted[] = [];
  for (const { path, requestId, result, reason } of await batchFiles(api, batch.id)) {
    if (requestId !== null)
      results.push({ path, request: await api.request(requestId), items: await api.items(requestId) });
    else if (result === 'refused')
      results.push({
        path,
        error: new CommandError(exitCodes.usage, reason!.message, undefined, { code: reason!.code }),
      });
  }
  return results;
}
