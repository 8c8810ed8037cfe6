import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { cancelBatch } from './cancel-batch.ts';
import { getBatch } from './get-batch.ts';
import { getBatchReport } from './get-batch-report.ts';
import { listBatchFiles } from './list-batch-files.ts';
import { listBatches } from './list-batches.ts';
import { retryBatch } from './retry-batch.ts';
import { streamBatchEvents } from './stream-batch-events.ts';
import { submitBatch } from './submit-batch.ts';

export function addBatchRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  submitBatch(app, deps);
  listBatches(app, deps);
  getBatch(app, deps);
  listBatchFiles(app, deps);
  getBatchReport(app, deps);
  streamBatchEvents(app, deps);
  cancelBatch(app, deps);
  retryBatch(app, deps);
}
