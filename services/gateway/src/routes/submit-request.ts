import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { acceptedSchema, jsonContent } from '@sluice/api';
import { laneSchema, visibleText } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { idempotencyKey, replayedHeader, replayedHeaders } from '../idempotency-key.ts';
import { askingProblems, problems } from '../problem.ts';
import { label, labelsMax, readSubmission, textMaxChars } from '../read-submission.ts';
import { submit } from '../submit.ts';

const lockfile = z.looseObject({ lockfileVersion: z.number() }).openapi({
  description: 'A package-lock.json or npm-shrinkwrap.json, as it is.',
  example: {
    name: 'app',
    lockfileVersion: 3,
    packages: { '': { name: 'app' }, 'node_modules/lodash': { version: '4.17.21' } },
  },
});

const route = createRoute({
  method: 'post',
  path: '/v1/requests',
  operationId: 'submitRequest',
  summary: 'Submit a lockfile',
  description:
    'Every package version in it is assessed. Answers at once; follow `Location` for what becomes of it. Send the ' +
    'lockfile as the body, or as `file` of a multipart form with the parameters as parts beside it, and then the header ' +
    '`X-Sluice-Client`, which web pages of other sites cannot send.',
  tags: ['requests'],
  request: {
    query: z.object({
      lane: laneSchema.default('interactive').openapi({ description: '`bulk` for what nobody waits for.' }),
      requester: visibleText(textMaxChars).optional().openapi({ example: 'mira@example.org' }),
      filename: visibleText(textMaxChars).optional().openapi({ example: 'package-lock.json' }),
      label: z
        .array(label)
        .max(labelsMax)
        .optional()
        .openapi({ description: '`name=value`; may be repeated.', example: ['team=payments'] }),
    }),
    headers: z.object({
      'idempotency-key': idempotencyKey.optional().openapi({
        description: 'Repeating a submission with the same key and requester changes nothing.',
      }),
      'x-sluice-client': z
        .string()
        .optional()
        .openapi({ description: 'Any value; required with a form.', example: 'curl' }),
    }),
    body: {
      required: true,
      content: {
        'application/json': { schema: lockfile },
        'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
        'multipart/form-data': {
          schema: z.strictObject({
            file: z.string().openapi({ format: 'binary' }),
            lane: laneSchema.optional(),
            requester: visibleText(textMaxChars).optional(),
            label: z.array(label).max(labelsMax).optional(),
          }),
        },
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
      'input.client-header-missing',
      'input.not-json',
      'input.too-deep',
      'input.unsafe-key',
      'input.slow-body',
      'idempotency.mismatch',
      'input.too-large',
      'input.too-many-packages',
      'input.unsupported-media-type',
      'lockfile.unknown-format',
      'lockfile.unknown-version',
      'lockfile.invalid',
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
    const accepted = await submit(submitted, deps);
    c.header('Location', `/v1/requests/${accepted.id}`);
    if (accepted.repeated) c.header(...replayedHeader);
    return c.json(accepted, 202);
  });
}
