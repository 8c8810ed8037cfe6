import { inTime } from '@sluice/runtime';
import { z } from '@sluice/api';
import type { TimelineEntry } from '@sluice/api';
import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { GatewayDeps } from './deps.ts';
import { newestPosition } from './queries/timeline.ts';

/** A reader that was away is caught up in pages of this size. */
const pageSize = 500;

/** Documented without a type: a handler answers with a stream, which is a `Response` and no text. */
export const eventStream: object = { content: { 'text/event-stream': { schema: z.string() } } };

/** Headers of a request for a stream. */
export const lastEventHeader = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{1,16}$/)
    .optional()
    .openapi({ example: '1000000000042' }),
});

/** How every stream of events works. */
export const streamDescription =
  'The event id is the position: send it back as `Last-Event-ID` and the stream goes on where it broke off. A comment is ' +
  'sent every 15 s. The stream stays open until the client closes it.';

/** The events of one stream. */
export interface FollowedEvents {
  /** The position of its first event; null while there is none. */
  first(): Promise<number | null>;
  /** Its events behind a position, in order. */
  after(position: number, limit: number): Promise<TimelineEntry[]>;
}

/** Answers with a stream of events that goes on until the client or the gateway ends it. */
export function streamEvents(
  c: Context,
  lastEventId: string | undefined,
  events: FollowedEvents,
  deps: GatewayDeps,
): Response {
  // A HEAD is answered without a body: a stream that is never read would never end either.
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
  return streamSSE(c, async (stream) => {
    try {
      await follow(stream, lastEventId ? Number(lastEventId) : null, events, deps);
    } catch (error) {
      // The client connects again and goes on from the last id that it has; then it is answered with the error.
      deps.log.warn({ err: error, path: c.req.path }, 'a stream of events was ended');
    }
  });
}

async function follow(
  stream: SSEStreamingApi,
  lastEventId: number | null,
  events: FollowedEvents,
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
    const first = position === null ? await ask(events.first()) : null;
    if (first !== null) position = first - 1;
    const newest = await ask(newestPosition(deps.read));
    const found = position === null ? [] : await ask(events.after(position, pageSize));
    for (const event of found) {
      await stream.writeSSE({ id: String(event.position), event: event.type, data: JSON.stringify(event) });
      position = event.position;
    }
    const sent = found.length;
    if (sent === pageSize) continue;
    // Events up to here have been looked through, also those that were not sent.
    if (position !== null) position = Math.max(position, newest);
    await changed;
    if (sent === 0 && !signal.aborted) await stream.write(': still here\n\n');
  }
}
