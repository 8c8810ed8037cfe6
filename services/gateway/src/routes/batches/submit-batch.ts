import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { acceptedBatchSchema, batchBodies, batchParametersSchema, z } from '@sluice/api';
import { actingAs, requireOwnScope } from '../../access/principal.ts';
import type { GatewayDeps } from '../../deps.ts';
import { replayedHeader, replayedHeaders, submissionHeaders } from '../../submissions/idempotency-key.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { readBatch } from '../../submissions/read-batch.ts';
import { jsonContent } from '../../http/responses.ts';
import { submitBatch as submit } from '../../submissions/submit-batch.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/batches',
  operationId: 'submitBatch',
  'x-right': 'requests.submit',
  'x-quota': 'submit',
  summary: 'Submit a zip or several files at once',
  description:
    'Each lockfile, SBOM or list of purls in it becomes a request; the other files are listed with why. Answers at once; follow ' +
    '`Location` for what becomes of it. Send a zip as the body, or files as `file` of a multipart form with the parameters as ' +
    'parts beside them, and then the header `X-Sluice-Client`, which web pages of other sites cannot send.',
  tags: ['batches'],
  request: {
    query: batchParametersSchema,
    headers: submissionHeaders('a batch'),
    body: {
      required: true,
      content: {
        'application/zip': { schema: batchBodies['application/zip'] },
        'multipart/form-data': { schema: batchBodies['multipart/form-data'] },
      },
    },
  },
  responses: {
    202: {
      ...jsonContent(acceptedBatchSchema, 'Accepted and durable.'),
      headers: z.object({
        location: z.string().openapi({ example: '/v1/batches/01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11' }),
        ...replayedHeaders,
      }),
    },
    ...problems(
      'quota.exceeded',
      'input.client-header-missing',
      'input.slow-body',
      'scope.unknown',
      'access.not-yourself',
      'idempotency.mismatch',
      'input.too-large',
      'input.unsupported-media-type',
      ...askingProblems,
      'artifact.unavailable',
      'backend.backlog',
      'backend.timeout',
    ),
  },
});

export function submitBatch(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openAPIRegistry.registerPath(route);
  // Not through the schema's own body parser: it would read a body of any size.
  app.post('/v1/batches', async (c) => {
    const limits = { maxBytes: deps.bodyMaxBytes, timeoutMs: deps.bodyTimeoutMs };
    const submitted = await readBatch(c.req.raw, limits);
    requireOwnScope(c.var.principal, submitted.scope);
    const requester = actingAs(c, submitted.requester);
    const accepted = await submit({ ...submitted, requester }, deps);
    c.header('Location', `/v1/batches/${accepted.id}`);
    if (accepted.repeated) c.header(...replayedHeader);
    return c.json(accepted, 202);
  });
}
