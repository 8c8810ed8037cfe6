import { inTime } from '@sluice/runtime';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../deps.ts';

/**
 * Answers every read in time, with 503 if need be. Requests that change something have limits of their own: a body may take long
 * to arrive, and a command has the time of `sendCommand`.
 */
export function answerReadsInTime(app: OpenAPIHono, { answerTimeoutMs }: GatewayDeps): void {
  app.use(async (c, next) => {
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
    await (isRead ? inTime(next(), answerTimeoutMs) : next());
  });
}
