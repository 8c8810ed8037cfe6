import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { reportQuery } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { makeReport } from '../../reports/make-report.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { findRequest, findSubmission } from '../../queries/requests.ts';
import { notModified } from '../../http/responses.ts';
import { reportContent, reportResponse } from '../../reports/report-responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/report',
  operationId: 'getRequestReport',
  'x-right': 'requests.read',
  summary: 'Report of a request, in a format of other tools',
  description:
    'All items with their standing, license, hashes and advisories. A request may be reported before it has ended: open items ' +
    'are reported as such, and none of them as fine.',
  tags: ['requests'],
  request: { params: requestIdParam, query: reportQuery },
  responses: {
    200: { description: 'The report, of the media type of its format.', ...reportContent },
    ...notModified,
    ...problems(...askingProblems, 'request.not-found'),
  },
});

export function getRequestReport(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const request = (await findRequest(deps.read, id)) ?? (await findSubmission(deps.own, id));
    if (!request) throw new PermanentError('request.not-found', `No request has the id ${id}.`);
    return reportResponse(c, await makeReport(deps, [request]), c.req.valid('query').format);
  });
}
