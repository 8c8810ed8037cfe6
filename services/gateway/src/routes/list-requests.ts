import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  cursorQuery,
  ifNoneMatch,
  limitQuery,
  page,
  polled,
  requestSchema,
  type RequestState,
  requestStateSchema,
} from '@sluice/api';
import { errorCodes, momentSchema, visibleText, type ErrorCode } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { askingProblems, problems } from '../problem.ts';
import { listRequests as query, type RequestSummary } from '../queries/requests.ts';

/** When it was submitted, and its id. */
const sortKey = z.tuple([momentSchema, z.uuid()]);

const route = createRoute({
  method: 'get',
  path: '/v1/requests',
  operationId: 'listRequests',
  summary: 'List requests, newest first',
  tags: ['requests'],
  request: {
    headers: ifNoneMatch,
    query: z.object({
      requester: visibleText(200).optional(),
      state: requestStateSchema.optional(),
      limit: limitQuery(200, 50),
      cursor: cursorQuery,
    }),
  },
  responses: {
    ...polled(page(requestSchema, 'RequestPage'), 'A page of requests.'),
    ...problems(...askingProblems),
  },
});

export function listRequests(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { requester, state, limit, cursor } = c.req.valid('query');
    const after = decodeCursor(cursor, sortKey);
    const rows = await query(deps.read, { requester, state, limit: limit + 1, after });
    const { items, nextCursor } = pageOf(c, rows, limit, (row) => [row.submittedAt.toISOString(), row.id]);
    return c.json({ items: items.map(presentRequest), nextCursor } as never, 200);
  });
}

/** A newer aggregator may know codes that this gateway does not. */
const remedyOf = (code: string) => errorCodes[code in errorCodes ? (code as ErrorCode) : 'internal'].remedy;

/** A request with state and progress. */
export function presentRequest(request: RequestSummary) {
  const { isQueued: _, ...shown } = request;
  const { itemCount, endedItems, completedAt, failure } = shown;
  return {
    ...shown,
    state: stateOf(request),
    failure: failure && { ...failure, remedy: remedyOf(failure.code) },
    progress: completedAt ? 1 : itemCount === 0 ? 0 : endedItems / itemCount,
  };
}

function stateOf({ isQueued, cancelledAt, failure, completedAt }: RequestSummary): RequestState {
  if (isQueued) return 'queued';
  if (cancelledAt) return 'cancelled';
  if (failure) return 'failed';
  return completedAt ? 'completed' : 'open';
}
