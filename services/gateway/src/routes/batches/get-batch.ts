import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { batchDetailSchema, type BatchDetail, type BatchSummary } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { batchProgress, findAcceptedBatch, findBatch } from '../../queries/batches.ts';
import { estimate } from '../../queues/request-estimate.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/batches/{id}',
  operationId: 'getBatch',
  'x-right': 'requests.read',
  summary: 'Progress and result of a batch',
  tags: ['batches'],
  request: { headers: ifNoneMatch, params: requestIdParam },
  responses: {
    ...polled(batchDetailSchema, 'The batch.'),
    ...problems(...askingProblems, 'batch.not-found'),
  },
});

export function getBatch(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => c.json(await readBatch(deps, c.req.valid('param').id), 200));
}

/** @throws PermanentError `batch.not-found`. */
export async function readBatch(
  { read, own }: Pick<GatewayDeps, 'read' | 'own'>,
  id: string,
): Promise<BatchDetail> {
  return detailOf(read, await findKnownBatch({ read, own }, id));
}

/** A batch with how far its requests are. */
export async function detailOf(read: GatewayDeps['read'], batch: BatchSummary): Promise<BatchDetail> {
  const found = await batchProgress(read, batch.id);
  const { itemCount, endedItems } = found;
  const progress = batch.completedAt ? 1 : itemCount === 0 ? 0 : endedItems / itemCount;
  const recent = { count: endedItems, seconds: secondsSince(batch.openedAt) };
  const rate = estimate({ itemCount, endedItems, completedAt: batch.completedAt }, recent, false);
  return { ...batch, ...found, progress, ...rate };
}

/** @throws PermanentError `batch.not-found`. */
export async function findKnownBatch(
  { read, own }: Pick<GatewayDeps, 'read' | 'own'>,
  id: string,
): Promise<BatchSummary> {
  const batch = (await findBatch(read, id)) ?? (await findAcceptedBatch(own, id));
  if (batch) return batch;
  throw new PermanentError('batch.not-found', `No batch has the id ${id}.`);
}

function secondsSince(moment: string | null): number {
  return moment === null ? 1 : Math.max(1, (Date.now() - Date.parse(moment)) / 1000);
}
