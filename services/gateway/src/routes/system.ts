import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
  ifNoneMatch,
  page,
  polled,
  queuePageSchema,
  statsSchema,
  wholePage,
  workerSchema,
} from '@sluice/api';
import { listWorkers, type WorkerState } from '@sluice/stages';
import type { GatewayDeps } from '../deps.ts';
import { pageOfNamed } from '../page.ts';
import { askingProblems, problems } from '../problem.ts';
import { readStats } from '../queries/stats.ts';

const unavailable = problems(...askingProblems);

const queues = createRoute({
  method: 'get',
  path: '/v1/queues',
  operationId: 'listQueues',
  summary: 'What waits before each stage, in each lane, and what the stages wait for',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: wholePage },
  responses: { ...polled(queuePageSchema, 'The queues as the broker has them.'), ...unavailable },
});

const workers = createRoute({
  method: 'get',
  path: '/v1/workers',
  operationId: 'listWorkers',
  summary: 'Every instance of every service that lives, and what it works on',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: wholePage },
  responses: {
    ...polled(page(workerSchema, 'WorkerPage'), 'Instances that said something within 30 s.'),
    ...unavailable,
  },
});

const stats = createRoute({
  method: 'get',
  path: '/v1/stats',
  operationId: 'getStats',
  summary: 'How much there is of everything',
  tags: ['operations'],
  request: { headers: ifNoneMatch },
  responses: { ...polled(statsSchema, 'Counts over the read models.'), ...unavailable },
});

/** Views for operators: queues, workers, statistics. */
export function system(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(queues, async (c) => {
    const { queues: all, ...rest } = await deps.queues.read();
    const shown = pageOfNamed(c, all, c.req.valid('query'), ({ consumer }) => consumer);
    return c.json({ ...shown, ...rest, controls: deps.controls.controls } as never, 200);
  });
  app.openapi(workers, async (c) => {
    const named = ({ service, instance }: WorkerState) => `${service}/${instance}`;
    return c.json(pageOfNamed(c, await listWorkers(deps.bus), c.req.valid('query'), named) as never, 200);
  });
  app.openapi(stats, async (c) => c.json((await readStats(deps.read)) as never, 200));
}
