import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { auditPageSchema, auditQuery, z } from '@sluice/api';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { listAudit, shownEntry } from '../../queries/audit.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

/** Position in the order of all events. */
const sortKey = z.tuple([z.number().int()]);

const route = createRoute({
  method: 'get',
  path: '/v1/audit',
  operationId: 'listAudit',
  'x-right': 'audit.read',
  summary: 'List who did what, and who was denied to, newest first',
  tags: ['access'],
  request: { headers: ifNoneMatch, query: auditQuery },
  responses: { ...polled(auditPageSchema, 'A page of acts.'), ...problems(...askingProblems) },
});

export function listAuditEntries(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const [place = null] = decodeCursor(cursor, sortKey) ?? [];
    const rows = await listAudit(deps.read, filter, { order: 'newest', place, limit: limit + 1 });
    const { items, nextCursor } = pageOf(c, rows, limit, ({ position }) => [position]);
    return c.json({ items: items.map(shownEntry), nextCursor }, 200);
  });
}
