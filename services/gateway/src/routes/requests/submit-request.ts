import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { acceptedSchema, submissionBodies, submissionParametersSchema, z } from '@sluice/api';
import { actingAs, requireOwnScope } from '../../access/principal.ts';
import type { GatewayDeps } from '../../deps.ts';
import { replayedHeader, replayedHeaders, submissionHeaders } from '../../submissions/idempotency-key.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { readSubmission } from '../../submissions/read-submission.ts';
import { jsonContent } from '../../http/responses.ts';
import { submit } from '../../submissions/submit.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/requests',
  operationId: 'submitRequest',
  'x-right': 'requests.submit',
  'x-quota': 'submit',
  summary: 'Submit a lockfile, an SBOM or a list of purls',
  description:
    'Every package version in it is assessed. Answers at once; follow `Location` for what becomes of it. Send the ' +
    'file as the body, or as `file` of a multipart form with the parameters as parts beside it, and then the header ' +
    '`X-Sluice-Client`, which web pages of other sites cannot send.',
  tags: ['requests'],
  request: {
    query: submissionParametersSchema,
    headers: submissionHeaders('a submission'),
    body: {
      required: true,
      content: {
        'application/json': { schema: submissionBodies['application/json'] },
        'application/octet-stream': { schema: submissionBodies['application/octet-stream'] },
        'multipart/form-data': { schema: submissionBodies['multipart/form-data'] },
      },
    },
  },
  responses: {
    202: {
      ...jsonContent(acceptedSchema, 'Accepted and durable.'),
      headers: z.object({
        location: z.string().openapi({ example: '/v1/requests/01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11' }),
        ...replayedHeaders,
      }),
    },
    ...problems(
      'quota.exceeded',
      'input.client-header-missing',
      'input.not-json',
      'input.too-deep',
      'input.unsafe-key',
      'input.slow-body',
      'scope.unknown',
      'access.not-yourself',
      'idempotency.mismatch',
      'input.too-large',
      'input.too-many-packages',
      'input.unsupported-media-type',
      'lockfile.unknown-format',
      'lockfile.unknown-version',
      'lockfile.invalid',
      'purl.invalid',
      ...askingProblems,
      'artifact.unavailable',
      'backend.backlog',
      'backend.timeout',
    ),
  },
});

export function submitRequest(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openAPIRegistry.registerPath(route);
  // Not through the schema's own body parser: it would read a body of any size.
  app.post('/v1/requests', async (c) => {
    const submitted = await readSubmission(c.req.raw, {
      maxBytes: deps.bodyMaxBytes,
      timeoutMs: deps.bodyTimeoutMs,
    });
    requireOwnScope(c.var.principal, submitted.scope);
    const requester = actingAs(c, submitted.requester);
    const accepted = await submit({ ...submitted, requester }, deps);
    c.header('Location', `/v1/requests/${accepted.id}`);
    if (accepted.repeated) c.header(...replayedHeader);
    return c.json(accepted, 202);
  });
}
