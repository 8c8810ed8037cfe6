import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { statusSchema, type Status } from '@sluice/api';
import { pipeline } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { reportedItemsMax } from '../../reports/make-report.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { readRunning } from '../../queries/stats.ts';
import type { QueueSample } from '../../queues/queue-sample.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';
import { batchItemsMax } from '../batches/get-batch-report.ts';

/** A list for people. */
const fetchingMax = 50;

const route = createRoute({
  method: 'get',
  path: '/v1/status',
  operationId: 'getStatus',
  'x-right': 'operations.read',
  summary: 'What runs, what is worked on, and the limits',
  description: 'Of all scopes. `/v1/queues`, `/v1/workers` and `/v1/stats` have more of each.',
  tags: ['operations'],
  request: { headers: ifNoneMatch },
  responses: {
    ...polled(statusSchema, 'How it stands.'),
    ...problems(...askingProblems),
  },
});

export function getStatus(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const [sample, running] = await Promise.all([deps.queues.read(), readRunning(deps.read)]);
    const limits = {
      bodyBytes: deps.bodyMaxBytes,
      bulkRunning: sample.bulk?.runningMax ?? null,
      reportItems: reportedItemsMax,
      batchReportItems: batchItemsMax,
    };
    return c.json({ running, active: activeOf(sample), limits }, 200);
  });
}

/** Pure. */
function activeOf({ queues, workers }: QueueSample): Status['active'] {
  const stages = pipeline.map(({ stage, service }) => {
    const own = workers.filter((worker) => worker.service === service);
    const waits = queues.filter((queue) => queue.service === service);
    return {
      stage,
      service,
      instances: own.length,
      running: waits.reduce((sum, { running }) => sum + running, 0),
      concurrency: own.reduce((sum, { concurrency }) => sum + (concurrency ?? 0), 0),
      waiting: waits.reduce((sum, { waiting }) => sum + waiting, 0),
    };
  });
  const left = ({ bytes: { received, total } }: Status['active']['fetching'][number]) =>
    total === null ? 0 : total - received;
  const fetching = workers
    .flatMap(({ service, instance, running }) =>
      running.flatMap(({ purl, bytes }) =>
        bytes ? [{ purl, worker: `${service}/${instance}`, bytes }] : [],
      ),
    )
    .toSorted((a, b) => left(b) - left(a))
    .slice(0, fetchingMax);
  return { stages, fetching };
}
