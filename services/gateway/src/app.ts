import { OpenAPIHono } from '@hono/zod-openapi';
import { SpanKind, context } from '@opentelemetry/api';
import { activeTracer, recordError, traceparentOf, withTraceparent } from '@sluice/runtime';
import { trace } from '@opentelemetry/api';
import { DeniedActs } from './access/denied-acts.ts';
import { readCommandBodies } from './command-body.ts';
import type { GatewayDeps } from './deps.ts';
import { documentedRoutes } from './documented-routes.ts';
import { refuseUnacceptable } from './guards/acceptable.ts';
import { answerReadsInTime } from './guards/answer-in-time.ts';
import { answerConditionally } from './guards/conditional-get.ts';
import { healthPaths, refuseForeignRequests } from './guards/foreign-requests.ts';
import { refuseUnknownQuery } from './guards/known-query.ts';
import { refuseUnknownRoutes } from './guards/known-route.ts';
import { requireRights } from './guards/require-rights.ts';
import { addSecurityHeaders } from './guards/security-headers.ts';
import { observeRequest } from './http-metrics.ts';
import { invalidInput } from './input-faults.ts';
import { errorResponse } from './problem.ts';
import { routePath } from './purl-path.ts';
import { archiveProject } from './routes/archive-project.ts';
import { changeProject } from './routes/change-project.ts';
import { createProject } from './routes/create-project.ts';
import { getProject } from './routes/get-project.ts';
import { getRefreshDiff } from './routes/get-refresh-diff.ts';
import { getRefresh } from './routes/get-refresh.ts';
import { listProjects } from './routes/list-projects.ts';
import { listRefreshes } from './routes/list-refreshes.ts';
import { receiveHook } from './routes/receive-hook.ts';
import { refreshProject } from './routes/refresh-project.ts';
import { renewHook } from './routes/renew-hook.ts';
import { cancelBatch } from './routes/cancel-batch.ts';
import { cancelJob } from './routes/cancel-job.ts';
import { cancelRequest } from './routes/cancel-request.ts';
import { changeRequestLane } from './routes/change-request-lane.ts';
import { createApiKey } from './routes/create-key.ts';
import { decidePackage } from './routes/decide-package.ts';
import { documentation } from './routes/documentation.ts';
import { drainWorker } from './routes/drain-worker.ts';
import { endDeadLetters } from './routes/end-dead-letters.ts';
import { exportAuditEntries } from './routes/export-audit.ts';
import { getBatchReport } from './routes/get-batch-report.ts';
import { getBatch } from './routes/get-batch.ts';
import { getDeadLetter } from './routes/get-dead-letter.ts';
import { getJob } from './routes/get-job.ts';
import { getLiveness } from './routes/get-liveness.ts';
import { getMetrics } from './routes/get-metrics.ts';
import { getPackage } from './routes/get-package.ts';
import { getReadiness } from './routes/get-readiness.ts';
import { getRequestReport } from './routes/get-request-report.ts';
import { getRequest } from './routes/get-request.ts';
import { getSelf } from './routes/get-self.ts';
import { getStats } from './routes/get-stats.ts';
import { getStatus } from './routes/get-status.ts';
import { holdHost } from './routes/hold-host.ts';
import { holdStage } from './routes/hold-stage.ts';
import { listBatchFiles } from './routes/list-batch-files.ts';
import { listBatches } from './routes/list-batches.ts';
import { listControls } from './routes/list-controls.ts';
import { listDeadLetters } from './routes/list-dead-letters.ts';
import { listAuditEntries } from './routes/list-audit.ts';
import { exchangeIdToken } from './routes/exchange-token.ts';
import { listInstalls } from './routes/list-installs.ts';
import { listApiKeys } from './routes/list-keys.ts';
import { listPackages } from './routes/list-packages.ts';
import { listQueues } from './routes/list-queues.ts';
import { listReplays } from './routes/list-replays.ts';
import { listRequestItems } from './routes/list-request-items.ts';
import { listRequests } from './routes/list-requests.ts';
import { listWorkers } from './routes/list-workers.ts';
import { problemPages } from './routes/problem-pages.ts';
import { replayStage } from './routes/replay-stage.ts';
import { retryBatch } from './routes/retry-batch.ts';
import { retryFailed } from './routes/retry-failed.ts';
import { retryJob } from './routes/retry-job.ts';
import { revokeApiKey } from './routes/revoke-key.ts';
import { streamBatchEvents } from './routes/stream-batch-events.ts';
import { streamRequestEvents } from './routes/stream-request-events.ts';
import { submitBatch } from './routes/submit-batch.ts';
import { submitRequest } from './routes/submit-request.ts';

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
  refuseUnacceptable(app, routeOf);
  refuseUnknownQuery(app, routeOf);
  readCommandBodies(app, deps);
  addRoutes(app, deps);
  return app;
}

function addRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  submitRequest(app, deps);
  listRequests(app, deps);
  getRequest(app, deps);
  listRequestItems(app, deps);
  getRequestReport(app, deps);
  streamRequestEvents(app, deps);
  cancelRequest(app, deps);
  changeRequestLane(app, deps);
  retryFailed(app, deps);
  submitBatch(app, deps);
  listBatches(app, deps);
  getBatch(app, deps);
  listBatchFiles(app, deps);
  getBatchReport(app, deps);
  streamBatchEvents(app, deps);
  cancelBatch(app, deps);
  retryBatch(app, deps);
  createProject(app, deps);
  listProjects(app, deps);
  getProject(app, deps);
  changeProject(app, deps);
  archiveProject(app, deps);
  refreshProject(app, deps);
  listRefreshes(app, deps);
  getRefresh(app, deps);
  getRefreshDiff(app, deps);
  renewHook(app, deps);
  receiveHook(app, deps);
  getJob(app, deps);
  cancelJob(app, deps);
  retryJob(app, deps);
  replayStage(app, deps);
  listReplays(app, deps);
  listPackages(app, deps);
  getPackage(app, deps);
  decidePackage(app, deps, 'approve');
  decidePackage(app, deps, 'reject');
  listDeadLetters(app, deps);
  getDeadLetter(app, deps);
  endDeadLetters(app, deps, 'redrive');
  endDeadLetters(app, deps, 'discard');
  listControls(app, deps);
  for (const verb of ['pause', 'resume'] as const) {
    holdStage(app, deps, verb);
    holdHost(app, deps, verb);
  }
  drainWorker(app, deps, 'drain');
  drainWorker(app, deps, 'undrain');
  createApiKey(app, deps);
  listApiKeys(app, deps);
  revokeApiKey(app, deps);
  getSelf(app);
  listAuditEntries(app, deps);
  exchangeIdToken(app, deps);
  listInstalls(app, deps);
  exportAuditEntries(app, deps);
  listQueues(app, deps);
  listWorkers(app, deps);
  getStats(app, deps);
  getStatus(app, deps);
  getLiveness(app);
  getReadiness(app, deps);
  getMetrics(app, deps);
  documentation(app);
  problemPages(app);
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
