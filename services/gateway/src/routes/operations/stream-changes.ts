import { setTimeout as delay } from 'node:timers/promises';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { GatewayDeps } from '../../deps.ts';
import { problems } from '../../http/problem.ts';
import { eventStream } from '../../streams/follow-events.ts';

/** News are put together for this long: a lockfile makes thousands of changes in a few seconds. */
const pauseMs = 1_000;
/** A stream ends after this long, and the next one asks for the rights anew. */
const lengthMs = 5 * 60_000;

const route = createRoute({
  method: 'get',
  path: '/v1/changes',
  operationId: 'streamChanges',
  'x-right': 'operations.read',
  'x-quota': 'streams',
  summary: 'Hear that something has changed',
  description:
    'Server-sent events of type `changed`, one a second at most, each time when anything that the API shows may have changed. They say ' +
    'no more: whoever shows something asks for it again, with the `ETag` that they have. A comment is sent every 15 s, and the ' +
    'stream ends after five minutes; ask for it again then.',
  tags: ['operations'],
  responses: { 200: { description: 'News.', ...eventStream }, ...problems('quota.exceeded') },
});

export function streamChanges(app: OpenAPIHono, { changes, heartbeatMs, stopping }: GatewayDeps): void {
  app.openapi(route, (c) => {
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    return streamSSE(c, async (stream) => {
      const closed = new AbortController();
      stream.onAbort(() => closed.abort());
      const signal = AbortSignal.any([closed.signal, stopping, AbortSignal.timeout(lengthMs)]);
      for (let next = changes.next(heartbeatMs, signal); ;) {
        const isChanged = await next;
        if (signal.aborted) return;
        // Waited for before anything is sent: changes in the pause must be told as well.
        next = changes.next(heartbeatMs, signal);
        if (!isChanged) await stream.write(': still here\n\n');
        else {
          await stream.writeSSE({ event: 'changed', data: '{}' });
          await delay(pauseMs, undefined, { signal }).catch(() => {});
        }
      }
    });
  });
}
