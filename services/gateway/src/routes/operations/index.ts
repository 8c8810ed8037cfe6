import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { drainWorker } from './drain-worker.ts';
import { endDeadLetters } from './end-dead-letters.ts';
import { getDeadLetter } from './get-dead-letter.ts';
import { getStats } from './get-stats.ts';
import { getStatus } from './get-status.ts';
import { holdHost } from './hold-host.ts';
import { holdStage } from './hold-stage.ts';
import { listControls } from './list-controls.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { listQueues } from './list-queues.ts';
import { listWorkers } from './list-workers.ts';
import { streamChanges } from './stream-changes.ts';

export function addOperationsRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  listDeadLetters(app, deps);
  getDeadLetter(app, deps);
  endDeadLetters(app, deps, 'redrive');
  endDeadLetters(app, deps, 'discard');
  listControls(app, deps);
  for (const verb of ['pause', 'resume'] as const) {
    holdStage(app, deps, verb);
    holdHost(app, deps, verb);
  }
  drainWorker(app, deps, 'drain');
  drainWorker(app, deps, 'undrain');
  listQueues(app, deps);
  listWorkers(app, deps);
  getStats(app, deps);
  getStatus(app, deps);
  streamChanges(app, deps);
}
