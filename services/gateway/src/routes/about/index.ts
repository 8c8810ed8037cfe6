import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { consoleRoutes } from './console.ts';
import { documentation } from './documentation.ts';
import { getLiveness } from './get-liveness.ts';
import { getMetrics } from './get-metrics.ts';
import { getReadiness } from './get-readiness.ts';
import { problemPages } from './problem-pages.ts';

export function addAboutRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  getLiveness(app);
  getReadiness(app, deps);
  getMetrics(app, deps);
  documentation(app);
  problemPages(app);
  consoleRoutes(app);
}
