import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import { Histogram } from 'prom-client';

const duration = new Histogram({
  name: 'sluice_http_request_duration_seconds',
  help: 'Time until a request was answered; of a stream of events, until it began.',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

/** Methods are few; a method that a client makes up must not become a metric of its own. */
const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);

/** Counts an answered request under its route, not its address: addresses hold ids. */
export function observeRequest(c: Context, durationMs: number): void {
  const route = matchedRoutes(c).findLast(({ path }) => path !== '*' && path !== '/*')?.path ?? 'none';
  const method = methods.has(c.req.method) ? c.req.method : 'other';
  duration.observe({ method, route, status: String(c.res.status) }, durationMs / 1000);
}
