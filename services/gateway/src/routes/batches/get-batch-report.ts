import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { reportQuery, type UnreadFile } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { packagesByVersion } from '@sluice/reports';
import type { GatewayDeps } from '../../deps.ts';
import { makeReport } from '../../reports/make-report.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { listBatchFiles } from '../../queries/batches.ts';
import { requestsOfBatch } from '../../queries/requests.ts';
import { notModified } from '../../http/responses.ts';
import { reportContent, reportResponse } from '../../reports/report-responses.ts';
import { findKnownBatch } from './get-batch.ts';

/** Items of all files together: some 2 kB each in memory. */
export const batchItemsMax = 50_000;

const route = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/report',
  operationId: 'getBatchReport',
  'x-right': 'requests.read',
  summary: 'Report of a batch over all of its files, in a format of other tools',
  description:
    'The items of all requests by file, and in JSON as `packages` each package version once, with its gravest item. A batch may be ' +
    'reported before it has ended: open items are reported as such, and none of them as fine.',
  tags: ['batches'],
  request: { params: requestIdParam, query: reportQuery },
  responses: {
    200: { description: 'The report, of the media type of its format.', ...reportContent },
    ...notModified,
    ...problems(...askingProblems, 'batch.not-found', 'report.too-large'),
  },
});

export function getBatchReport(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { failure, filename } = await findKnownBatch(deps, id);
    const requests = await requestsOfBatch(deps.read, id);
    const items = requests.reduce((sum, { itemCount }) => sum + itemCount, 0);
    if (items > batchItemsMax)
      throw new PermanentError(
        'report.too-large',
        `The batch has ${items} items; ${batchItemsMax} are reported at once.`,
      );
    const report = await makeReport(deps, requests);
    const unread = [
      ...(failure === null
        ? []
        : [{ file: filename ?? 'batch', code: failure.code, message: failure.detail }]),
      ...(await refusedFiles(deps, id)),
    ];
    return reportResponse(
      c,
      { ...report, packages: packagesByVersion(report), unread },
      c.req.valid('query').format,
    );
  });
}

/** Refused files have the names of lockfiles, of which a batch has some hundred. */
const refusedMax = 10_000;

async function refusedFiles({ read }: GatewayDeps, id: string): Promise<UnreadFile[]> {
  const files = await listBatchFiles(read, id, { result: 'refused', limit: refusedMax, afterOrdinal: null });
  return files.map(({ path, reason }) => ({
    file: path,
    code: reason?.code ?? 'file.other',
    message: reason?.message ?? '',
  }));
}
