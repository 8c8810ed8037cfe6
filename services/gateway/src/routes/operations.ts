import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { jsonContent } from '@sluice/api';
import type { GatewayDeps } from '../deps.ts';
import { listAdvisorySets } from '../queries/advisory-sets.ts';
import { problems } from '../problem.ts';

const check = z.object({ ok: z.boolean(), detail: z.string().optional(), required: z.boolean().optional() });
const readiness = z.object({ ready: z.boolean(), checks: z.record(z.string(), check) }).openapi('Readiness');

const livez = createRoute({
  method: 'get',
  path: '/livez',
  operationId: 'getLiveness',
  summary: 'Is the process alive?',
  tags: ['operations'],
  responses: { 200: jsonContent(z.object({ live: z.literal(true) }), 'It is.'), ...problems() },
});

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Does everything that the gateway needs work? Each part by name',
  tags: ['operations'],
  responses: {
    200: jsonContent(readiness, 'All that is required works.'),
    503: jsonContent(readiness, 'Something does not.'),
    ...problems(),
  },
});

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Prometheus metrics of this process',
  tags: ['operations'],
  responses: {
    200: { description: 'Text exposition format.', content: { 'text/plain': { schema: z.string() } } },
    ...problems('internal'),
  },
});

/** Liveness, readiness and metrics. */
export function operations(app: OpenAPIHono, deps: GatewayDeps): void {
  deps.health.add('advisories', async () => {
    const sets = await listAdvisorySets(deps.read);
    const detail = sets.map(({ ecosystem, recordCount, result, detail: why, importedAt }) =>
      [
        ecosystem,
        `${recordCount} records`,
        importedAt ? `of ${importedAt.toISOString()}` : 'never loaded',
        `last refresh: ${result}`,
        why,
      ]
        .filter(Boolean)
        .join(', '),
    );
    const loaded = sets.some((set) => set.recordCount > 0);
    return {
      ok: loaded,
      required: false,
      detail: detail.join('; ') || 'none are loaded: nothing can be found clean',
    };
  });
  app.openapi(livez, (c) => c.json({ live: true as const }, 200));
  app.openapi(readyz, async (c) => {
    const report = await deps.health.report();
    return c.json(report as never, report.ready ? 200 : 503);
  });
  app.openapi(
    metrics,
    async (c) =>
      c.body(await deps.metrics.metrics(), 200, { 'content-type': deps.metrics.contentType }) as never,
  );
}
