import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { projectPageSchema, projectsQuery, z } from '@sluice/api';
import { listProjectsCommand, requireScope } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { commandProblems, problems } from '../problem.ts';
import { shownProject } from '../projects/shown.ts';
import { ifNoneMatch, polled } from '../responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/projects',
  operationId: 'listProjects',
  'x-right': 'requests.read',
  summary: 'List projects by name',
  tags: ['projects'],
  request: { headers: ifNoneMatch, query: projectsQuery },
  responses: {
    ...polled(projectPageSchema, 'A page of projects, each with its newest refresh.'),
    ...problems(...commandProblems, 'scope.unknown'),
  },
});

const sortKey = z.tuple([z.string().max(500), z.uuid()]);

export function listProjects(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { scope = null, archived = 'false', limit, cursor } = c.req.valid('query');
    if (scope !== null) requireScope(scope, deps.scopes);
    const key = decodeCursor(cursor, sortKey);
    const { scopes } = c.var.principal;
    const { projects } = await sendCommand(deps.bus, listProjectsCommand, {
      scope,
      scopes: scopes && [...scopes],
      archived: archived === 'true',
      after: key && { name: key[0], id: key[1] },
      limit: limit + 1,
    });
    const { items, nextCursor } = pageOf(c, projects, limit, ({ name, id }) => [name, id]);
    return c.json({ items: items.map(shownProject), nextCursor }, 200);
  });
}
