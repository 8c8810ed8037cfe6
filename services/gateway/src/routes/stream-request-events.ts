import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { GatewayDeps } from '../deps.ts';
import { inTime } from '../in-time.ts';
import { requestIdParam } from '../path-parameters.ts';
import { askingProblems, problems } from '../problem.ts';
import { findSubmission } from '../queries/requests.ts';
import { firstPosition, newestPosition, requestEvents } from '../queries/timeline.ts';

/** A reader that was away is caught up in pages of this size. */
const pageSize = 500;

/** Documented without a type: a handler answers with a stream, which is a `Response` and no text. */
const eventStream: object = { content: { 'text/event-stream': { schema: z.string() } } };

const route = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/events',
  operationId: 'streamRequestEvents',
  'x-right': 'requests.read',
  summary: 'Follow a request as server-sent events',
  description:
    'Everything that happens to the request and its package versions, from its submission on, as it happens. The event ' +
    'id is the position: send it back as `Last-Event-ID` and the stream goes on where it broke off. A comment is sent ' +
    'every 15 s. The stream stays open until the client closes it.',
  tags: ['requests'],
  request: {
    params: requestIdParam,
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^\d{1,16}$/)
        .optional()
        .openapi({ example: '1000000000042' }),
    }),
  },
  responses: {
    200: { description: 'Timeline entries.', ...eventStream },
    ...problems(...askingProblems, 'request.not-found'),
  },
});

export function streamRequestEvents(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const lastEventId = c.req.valid('header')['last-event-id'];
    if ((await firstPosition(deps.read, id)) === null && !(await findSubmission(deps.own, id))) {
      throw new PermanentError('request.not-found', `No request has the id ${id}.`);
    }
    // A HEAD is answered without a body: a stream that is never read would never end either.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    return streamSSE(c, async (stream) => {
      try {
        await follow(stream, id, lastEventId ? Number(lastEventId) : null, deps);
      } catch (error) {
        // The client connects again and goes on from the last id that it has; then it is answered with the error.
        deps.log.warn({ err: error, request: id }, 'a stream of events was ended');
      }
    });
  });
}

async function follow(
  stream: SSEStreamingApi,
  id: string,
  lastEventId: number | null,
  deps: GatewayDeps,
): Promise<void> {
  const closed = new AbortController();
  stream.onAbort(() => closed.abort());
  const signal = AbortSignal.any([closed.signal, deps.stopping]);
  const ask = <Answer>(query: Promise<Answer>) => inTime(query, deps.answerTimeoutMs);
  let position = lastEventId;
  while (!signal.aborted) {
    // Asked for before reading: a change between reading and waiting must wake us too.
    const changed = deps.changes.next(deps.heartbeatMs, signal);
    const first = position === null ? await ask(firstPosition(deps.read, id)) : null;
    if (first !== null) position = first - 1;
    const newest = await ask(newestPosition(deps.read));
    const events = position === null ? [] : await ask(requestEvents(deps.read, id, position, pageSize));
    for (const event of events) {
      await stream.writeSSE({ id: String(event.position), event: event.type, data: JSON.stringify(event) });
      position = event.position;
    }
    const sent = events.length;
    if (sent === pageSize) continue;
    // Events up to here have been looked through, also those that were not sent.
    if (position !== null) position = Math.max(position, newest);
    await changed;
    if (sent === 0 && !signal.aborted) await stream.write(': still here\n\n');
  }
}
