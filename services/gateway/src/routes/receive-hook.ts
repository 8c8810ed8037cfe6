import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { hookAnswerSchema, z, type HookAnswer } from '@sluice/api';
import {
  PermanentError,
  TransientError,
  errorCodeOf,
  findProjectCommand,
  refreshProjectCommand,
  uuidV7,
  type FindProjectOutput,
} from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../deps.ts';
import { hookSecret } from '../hooks/hook-secret.ts';
import { readPush } from '../hooks/read-push.ts';
import { isSigned } from '../hooks/verify-signature.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, publicProblems } from '../problem.ts';
import { readBody } from '../read-body.ts';
import { mediaType } from '../read-submission.ts';
import { jsonContent } from '../responses.ts';

/** Pushes of thousands of commits have some megabytes. */
const bodyMaxBytes = 5 * 1024 * 1024;

const route = createRoute({
  method: 'post',
  path: '/v1/projects/{id}/hook',
  operationId: 'receiveHook',
  'x-right': 'public',
  summary: 'A webhook of a git host',
  description:
    'Refreshes the project after a push to its ref. Signed as GitHub, GitLab, Gitea and Forgejo do; docs/projects.md says how. ' +
    'Repeating one does no harm.',
  tags: ['projects'],
  security: [],
  request: {
    params: requestIdParam,
    body: {
      required: true,
      content: { 'application/json': { schema: z.looseObject({ ref: z.string().optional() }) } },
    },
  },
  responses: {
    202: jsonContent(hookAnswerSchema, 'What becomes of it.'),
    ...publicProblems(
      ...commandProblems.filter((code) => code !== 'access.not-yourself'),
      'hook.signature-invalid',
      'hook.unavailable',
      'input.not-json',
      'input.too-deep',
      'input.unsafe-key',
      'input.slow-body',
      'input.too-large',
      'input.unsupported-media-type',
    ),
  },
});

export function receiveHook(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openAPIRegistry.registerPath(route);
  // Not through the schema's own body parser: the signature is over the bytes as they came.
  app.post('/v1/projects/:id/hook', async (c) => {
    const type = mediaType(c.req.raw);
    if (type !== 'application/json')
      throw new PermanentError('input.unsupported-media-type', `The content type is "${type || 'missing'}".`);
    const maxBytes = Math.min(bodyMaxBytes, deps.bodyMaxBytes);
    const body = await readBody(c.req.raw, maxBytes, deps.bodyTimeoutMs);
    const given = (header: string) => c.req.header(header);
    const project = await signedProject(deps, c.req.param('id'), given, body);
    const push = readPush(given, body, project.source.ref);
    if (!push.isFor) return c.json(answer('ignored', push.reason), 202);
    return c.json(await refreshByPush(deps, project), 202);
  });
}

/**
 * The project that a webhook is signed for. One that is not there, one without a secret and a wrong signature are told alike.
 * @throws PermanentError `hook.signature-invalid`; TransientError `hook.unavailable`.
 */
async function signedProject(
  { bus, hookKey }: Pick<GatewayDeps, 'bus' | 'hookKey'>,
  id: string,
  given: (header: string) => string | undefined,
  body: Buffer,
): Promise<FindProjectOutput['project']> {
  if (hookKey === null) throw new TransientError('hook.unavailable');
  const found = z.uuid().safeParse(id).success ? await findProject(bus, id) : null;
  const isFor = found !== null && found.hookRound > 0 && found.project.archivedAt === null;
  if (!isFor || !isSigned(given, body, hookSecret(hookKey, found.project.id, found.hookRound)))
    throw new PermanentError('hook.signature-invalid');
  return found.project;
}

async function findProject(bus: GatewayDeps['bus'], projectId: string): Promise<FindProjectOutput | null> {
  return sendCommand(bus, findProjectCommand, { projectId }).catch((error: unknown) => {
    if (errorCodeOf(error) === 'project.not-found') return null;
    throw error;
  });
}

async function refreshByPush(
  { bus }: Pick<GatewayDeps, 'bus'>,
  { id: projectId, source }: FindProjectOutput['project'],
): Promise<HookAnswer> {
  const by = `webhook of ${new URL(source.git).host}`;
  const reason = 'The git host told of a push.';
  const wish = { projectId, refreshId: uuidV7(), cause: 'webhook' as const, by, reason };
  const { result, refreshId } = await sendCommand(bus, refreshProjectCommand, wish);
  if (result === 'started') return answer('refreshed', 'The project is read.', refreshId);
  if (result === 'joined')
    return answer('joined', 'A refresh is in flight; another one follows it.', refreshId);
  return answer('postponed', 'The quota is used up; a refresh follows when there is room.');
}

const answer = (
  result: HookAnswer['result'],
  reason: string,
  refreshId: string | null = null,
): HookAnswer => ({
  result,
  reason,
  refreshId,
});
