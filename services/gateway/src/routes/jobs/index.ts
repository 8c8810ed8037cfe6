import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { cancelJob } from './cancel-job.ts';
import { getJob } from './get-job.ts';
import { listReplays } from './list-replays.ts';
import { replayStage } from './replay-stage.ts';
import { retryJob } from './retry-job.ts';

export function addJobRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  getJob(app, deps);
  cancelJob(app, deps);
  retryJob(app, deps);
  replayStage(app, deps);
  listReplays(app, deps);
}
