import { setTimeout as delay } from 'node:timers/promises';
import { batchDetailSchema, batchFilePageSchema, type BatchDetail, type ShownBatchFile } from '@sluice/api';
import type { ApiClient } from './api-client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { ProgressLine } from './render/progress.ts';
import type { Vetted } from './vet-all.ts';

/** Often enough to look live, seldom enough to cost nothing. */
const pollMs = 300;

export function readBatch(api: ApiClient, id: string): Promise<BatchDetail> {
  return api.get(batchDetailSchema, `/v1/batches/${id}`);
}

export function batchFiles(api: ApiClient, id: string): Promise<ShownBatchFile[]> {
  return api.pages(batchFilePageSchema, `/v1/batches/${id}/files`);
}

/** Follows a batch until its last request ended. @throws CommandError with exit code 3 after the timeout. */
export async function waitForBatch(api: ApiClient, id: string, timeoutMs: number): Promise<BatchDetail> {
  const deadline = Date.now() + timeoutMs;
  const progress = new ProgressLine();
  try {
    for (;;) {
      const batch = await readBatch(api, id);
      progress.show(batch);
      if (batch.completedAt !== null) return batch;
      if (Date.now() > deadline)
        throw new CommandError(
          exitCodes.timeout,
          `Batch ${id} is not completed in the given time: ${batch.endedItems} of ${batch.itemCount} items ended.`,
          `The work goes on; look again with: npm run sluice -- batch status ${id}`,
          { code: 'batch.not-completed' },
        );
      await delay(pollMs);
    }
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
