import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { controlPageSchema, wholePageQuery } from '@sluice/api';
import { openControlBucket, readControls } from '@sluice/stages';
import type { GatewayDeps } from '../../deps.ts';
import { pageOfNamed } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/controls',
  operationId: 'listControls',
  'x-right': 'operations.read',
  summary: 'What is paused or drained, by whom, since when and why',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: wholePageQuery },
  responses: { ...polled(controlPageSchema, 'As the stages see it.'), ...problems(...askingProblems) },
});

export function listControls(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const held = (await readControls(await openControlBucket(deps.bus))) ?? [];
    return c.json(
      pageOfNamed(c, held, c.req.valid('query'), ({ kind, name }) => `${kind} ${name}`),
      200,
    );
  });
}
