import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { cancelRequest } from './cancel-request.ts';
import { changeRequestLane } from './change-request-lane.ts';
import { getRequest } from './get-request.ts';
import { getRequestReport } from './get-request-report.ts';
import { listRequestItems } from './list-request-items.ts';
import { listRequests } from './list-requests.ts';
import { retryFailed } from './retry-failed.ts';
import { streamRequestEvents } from './stream-request-events.ts';
import { submitRequest } from './submit-request.ts';

export function addRequestRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  submitRequest(app, deps);
  listRequests(app, deps);
  getRequest(app, deps);
  listRequestItems(app, deps);
  getRequestReport(app, deps);
  streamRequestEvents(app, deps);
  cancelRequest(app, deps);
  changeRequestLane(app, deps);
  retryFailed(app, deps);
}
