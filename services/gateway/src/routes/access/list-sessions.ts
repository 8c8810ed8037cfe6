import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { sessionListSchema } from '@sluice/api';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';
import { listSessions } from '../../sign-in/sessions.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/sessions',
  operationId: 'listSessions',
  'x-right': 'signed-in',
  summary: 'List the sender’s own sessions that hold, newest first',
  description: 'Of browsers and command lines where the person has signed in, 500 at most. Others have none.',
  tags: ['access'],
  request: { headers: ifNoneMatch },
  responses: { ...polled(sessionListSchema, 'The sessions.'), ...problems(...askingProblems) },
});

export function listOwnSessions(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { kind, name } = c.var.principal;
    const { own, signIn } = deps;
    const items = signIn && kind === 'person' ? await listSessions(own, name, signIn.idleMs, new Date()) : [];
    return c.json({ items }, 200);
  });
}
