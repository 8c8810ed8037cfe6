import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { readinessSchema } from '@sluice/api';
import type { GatewayDeps } from '../../deps.ts';
import { publicProblems } from '../../http/problem.ts';
import { listAdvisorySets } from '../../queries/advisory-sets.ts';
import { jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  'x-right': 'public',
  security: [],
  summary: 'Does everything that the gateway needs work? Each part by name',
  tags: ['operations'],
  responses: {
    200: jsonContent(readinessSchema, 'All that is required works.'),
    503: jsonContent(readinessSchema, 'Something does not.'),
    ...publicProblems(),
  },
});

export function getReadiness(app: OpenAPIHono, deps: GatewayDeps): void {
  deps.health.add('advisories', async () => {
    const sets = await listAdvisorySets(deps.read);
    const detail = sets.map(({ ecosystem, recordCount, result, detail: why, importedAt }) =>
      [
        ecosystem,
        `${recordCount} records`,
        importedAt ? `of ${importedAt}` : 'never loaded',
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
  app.openapi(route, async (c) => {
    const report = await deps.health.report();
    return c.json(report, report.ready ? 200 : 503);
  });
}
