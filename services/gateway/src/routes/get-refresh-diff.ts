import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { diffQuery, refreshDiffSchema } from '@sluice/api';
import { PermanentError, type Refresh } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { refreshParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { findRefreshOf } from '../projects/find-refresh.ts';
import { makeDiff } from '../projects/make-diff.ts';
import { refreshItems } from '../queries/refresh-items.ts';
import { ifNoneMatch, polled } from '../responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/projects/{id}/refreshes/{refresh}/diff',
  operationId: 'getRefreshDiff',
  'x-right': 'requests.read',
  summary: 'What changed since another refresh',
  description:
    'Package versions that came, went and changed, each with its outcome: since the last completed refresh before, or since another one.',
  tags: ['projects'],
  request: { headers: ifNoneMatch, params: refreshParam, query: diffQuery },
  responses: {
    ...polled(refreshDiffSchema, 'The difference.'),
    ...problems(...commandProblems, 'refresh.not-found', 'project.no-result'),
  },
});

export function getRefreshDiff(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id, refresh } = c.req.valid('param');
    const after = await findRefreshOf(deps, id, refresh);
    const against = c.req.valid('query').against ?? after.previousId;
    if (against === null)
      throw new PermanentError('project.no-result', 'No refresh of the project completed before this one.');
    const before = await findRefreshOf(deps, id, against);
    const [from, to] = await Promise.all([itemsOf(deps, before), itemsOf(deps, after)]);
    const { fromCommit, toCommit } = { fromCommit: before.toCommit, toCommit: after.toCommit };
    return c.json({ refreshId: after.id, against, fromCommit, toCommit, ...makeDiff(from, to) }, 200);
  });
}

/** @throws PermanentError `project.no-result` for one whose repository was not read. */
function itemsOf({ read }: Pick<GatewayDeps, 'read'>, { id, standsOn, failure }: Refresh) {
  if (standsOn === null || failure !== null)
    throw new PermanentError('project.no-result', `Refresh ${id} has read nothing.`);
  return refreshItems(read, standsOn);
}
