import { OpenAPIHono } from '@hono/zod-openapi';
import { SpanKind, context, trace } from '@opentelemetry/api';
import { activeTracer, recordError, traceparentOf, withTraceparent } from '@sluice/runtime';
import { DeniedActs } from './access/denied-acts.ts';
import { readCommandBodies } from './http/command-body.ts';
import type { GatewayDeps } from './deps.ts';
import { documentedRoutes } from './http/documented-routes.ts';
import { refuseUnacceptable } from './guards/acceptable.ts';
import { answerReadsInTime } from './guards/answer-in-time.ts';
import { answerConditionally } from './guards/conditional-get.ts';
import { healthPaths, refuseForeignRequests } from './guards/foreign-requests.ts';
import { refuseUnknownQuery } from './guards/known-query.ts';
import { refuseUnknownRoutes } from './guards/known-route.ts';
import { keepQuotas } from './guards/keep-quotas.ts';
import { requireRights } from './guards/require-rights.ts';
import { addSecurityHeaders } from './guards/security-headers.ts';
import { observeRequest } from './http/http-metrics.ts';
import { invalidInput } from './http/input-faults.ts';
import { errorResponse } from './http/problem.ts';
import { routePath } from './http/purl-path.ts';
import { addAboutRoutes } from './routes/about/index.ts';
import { addAccessRoutes } from './routes/access/index.ts';
import { addBatchRoutes } from './routes/batches/index.ts';
import { addDeviceRoutes } from './routes/device/index.ts';
import { addJobRoutes } from './routes/jobs/index.ts';
import { addOperationsRoutes } from './routes/operations/index.ts';
import { addPackageRoutes } from './routes/packages/index.ts';
import { addProjectRoutes } from './routes/projects/index.ts';
import { addRequestRoutes } from './routes/requests/index.ts';
import { addSignInRoutes } from './routes/sign-in/index.ts';
import { addWebhookRoutes } from './routes/webhooks/index.ts';

/** The parts of a request, as faults name them. */
const places = {
  json: 'body',
  form: 'form',
  query: 'query',
  param: 'path',
  header: 'header',
  cookie: 'header',
} as const;

/** All routes over their dependencies. */
export function createApp(deps: GatewayDeps): OpenAPIHono {
  const app = new OpenAPIHono({
    getPath: routePath,
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error, places[result.target]);
    },
  });
  traceRequests(app, deps);
  addSecurityHeaders(app);
  const deniedActs = new DeniedActs(deps);
  const routeOf = documentedRoutes(app);
  app.onError(async (error, c) => {
    const span = trace.getActiveSpan();
    if (span) recordError(span, error);
    await deniedActs.note(c, routeOf(c)?.operationId, error);
    const response = errorResponse(c, error);
    if (response.status >= 500) deps.log.error({ err: error, path: c.req.path }, 'request failed');
    return response;
  });

  answerReadsInTime(app, deps);
  answerConditionally(app);
  refuseForeignRequests(app, deps);
  refuseUnknownRoutes(app);
  requireRights(app, deps, routeOf);
  keepQuotas(app, deps, routeOf);
  refuseUnacceptable(app, routeOf);
  refuseUnknownQuery(app, routeOf);
  readCommandBodies(app, deps);
  addRoutes(app, deps);
  return app;
}

function addRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  addRequestRoutes(app, deps);
  addBatchRoutes(app, deps);
  addProjectRoutes(app, deps);
  addJobRoutes(app, deps);
  addWebhookRoutes(app, deps);
  addPackageRoutes(app, deps);
  addOperationsRoutes(app, deps);
  addAccessRoutes(app, deps);
  addDeviceRoutes(app, deps);
  addSignInRoutes(app, deps);
  addAboutRoutes(app, deps);
}

/** A SERVER span and one wide log line for each HTTP request; the trace goes on from the client's, where it has one. */
function traceRequests(app: OpenAPIHono, { log }: GatewayDeps): void {
  const serviceContext = context.active();
  app.use(async (c, next) => {
    // Probes and scrapes come every few seconds; a span and a line each would drown everything else.
    if (healthPaths.has(c.req.path)) {
      await context.with(serviceContext, next);
      return;
    }
    const started = performance.now();
    const parent = withTraceparent(serviceContext, c.req.header('traceparent'));
    await context.with(parent, () =>
      activeTracer().startActiveSpan(
        `${c.req.method} ${c.req.path.split('/').slice(0, 3).join('/')}`,
        { kind: SpanKind.SERVER },
        async (span) => {
          try {
            await next();
          } finally {
            span.setAttributes({
              'http.request.method': c.req.method,
              'url.path': c.req.path,
              'http.response.status_code': c.res.status,
            });
            c.res.headers.set('traceparent', traceparentOf(context.active()) ?? '');
            span.end();
            const durationMs = Math.round(performance.now() - started);
            observeRequest(c, performance.now() - started);
            log.info(
              { method: c.req.method, path: c.req.path, status: c.res.status, duration_ms: durationMs },
              'http request',
            );
          }
        },
      ),
    );
  });
}
