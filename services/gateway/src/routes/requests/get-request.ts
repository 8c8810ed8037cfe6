import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { requestDetailSchema, type Wait } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { listAdvisorySets } from '../../queries/advisory-sets.ts';
import {
  findRequest,
  findSubmission,
  openItemStates,
  reasonCounts,
  recentlyEnded,
} from '../../queries/requests.ts';
import { waitsOf } from '../../queues/stage-waits.ts';
import { estimate } from '../../queues/request-estimate.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/requests/{id}',
  operationId: 'getRequest',
  'x-right': 'requests.read',
  summary: 'Progress and result of a request',
  tags: ['requests'],
  request: { headers: ifNoneMatch, params: requestIdParam },
  responses: {
    ...polled(requestDetailSchema, 'The request.'),
    ...problems(...askingProblems, 'request.not-found'),
  },
});

export function getRequest(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { read, own } = deps;
    const [request, open, recent, reasons, advisories] = await Promise.all([
      findRequest(read, id),
      openItemStates(read, id),
      recentlyEnded(read, id),
      reasonCounts(read, id),
      listAdvisorySets(read),
    ]);
    if (request) {
      const waitsFor = await findWaits(deps, open);
      const rate = estimate(request, recent, waitsFor.length > 0);
      return c.json({ ...request, open, ...rate, waitsFor, reasons, advisories }, 200);
    }
    const accepted = await findSubmission(own, id);
    if (!accepted) throw new PermanentError('request.not-found', `No request has the id ${id}.`);
    // Accepted a moment ago, or the projector is behind: everything is still to come.
    const toCome = { open: { queued: accepted.itemCount }, ratePerSecond: null, etaSeconds: null };
    return c.json({ ...accepted, ...toCome, waitsFor: [], reasons: [], advisories }, 200);
  });
}

/** Causes other than the queue that its open items wait for, as far as they are known while the broker is away. */
async function findWaits({ queues, controls }: GatewayDeps, open: Record<string, number>): Promise<Wait[]> {
  if (Object.keys(open).length === 0) return [];
  return waitsOf(open, controls.controls, (await queues.recent())?.circuits ?? []);
}
