import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { batchFilePageSchema, batchFilesQuery, z } from '@sluice/api';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { listBatchFiles as query } from '../../queries/batches.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';
import { findKnownBatch } from './get-batch.ts';

/** Its place in the batch. */
const sortKey = z.tuple([z.int32().min(0)]);

const route = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/files',
  operationId: 'listBatchFiles',
  'x-right': 'requests.read',
  summary: 'Files of a batch, in their order, and what became of each',
  description:
    'Of files that are ignored the first ones are listed, up to 2,000 files in all; the batch has their number.',
  tags: ['batches'],
  request: { headers: ifNoneMatch, params: requestIdParam, query: batchFilesQuery },
  responses: {
    ...polled(batchFilePageSchema, 'A page of files.'),
    ...problems(...askingProblems, 'batch.not-found'),
  },
});

export function listBatchFiles(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { result, limit, cursor } = c.req.valid('query');
    const after = decodeCursor(cursor, sortKey);
    await findKnownBatch(deps, id);
    const rows = await query(deps.read, id, {
      result,
      limit: limit + 1,
      afterOrdinal: after ? after[0] : null,
    });
    return c.json(
      pageOf(c, rows, limit, ({ ordinal }) => [ordinal]),
      200,
    );
  });
}
