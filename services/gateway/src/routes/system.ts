import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { listWorkers } from '@sluice/messaging';
import type { GatewayDeps } from '../deps.ts';
import { problems } from '../problem.ts';
import { readStats } from '../queries/stats.ts';
import { ifNoneMatch, polled } from '../schemas.ts';
import { queueSchema, statsSchema, workersSchema } from '../system-schemas.ts';

const unavailable = problems('backend.unavailable', 'internal');

const queue = createRoute({
  method: 'get',
  path: '/v1/queue',
  operationId: 'getQueue',
  summary: 'What waits before each stage, in each lane, and what the stages wait for',
  tags: ['operations'],
  request: { headers: ifNoneMatch },
  responses: { ...polled(queueSchema, 'The queues as the broker has them.'), ...unavailable },
});

const workers = createRoute({
  method: 'get',
  path: '/v1/workers',
  operationId: 'listWorkers',
  summary: 'Every instance of every service that lives, and what it works on',
  tags: ['operations'],
  request: { headers: ifNoneMatch },
  responses: {
    ...polled(workersSchema, 'Instances that said something within 30 s.'),
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

/** What an operator looks at. */
export function system(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(queue, async (c) => {
    const { controls } = deps.controls;
    return c.json({ ...(await deps.queues.read()), controls } as never, 200);
  });
  app.openapi(workers, async (c) => c.json({ workers: await listWorkers(deps.bus) } as never, 200));
  app.openapi(stats, async (c) => c.json((await readStats(deps.read)) as never, 200));
}
