import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { endSessionSchema, endedSessionSchema } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { withOutbox } from '@sluice/delivery';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { sessionParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';
import { dropCookie } from '../../sign-in/cookies.ts';
import { endSession } from '../../sign-in/sessions.ts';

const answers = {
  200: jsonContent(endedSessionSchema, 'The session, which has ended.'),
  ...problems(...commandBodyProblems, ...askingProblems, 'access.session-not-found'),
};

const endRoute = createRoute({
  method: 'post',
  path: '/v1/sessions/{session}/end',
  operationId: 'endSession',
  'x-right': 'signed-in',
  summary: 'End one of the sender’s own sessions',
  description: 'It counts no more from the next request on. Ending it again changes nothing.',
  tags: ['access'],
  request: { params: sessionParam, body: jsonBody(endSessionSchema) },
  responses: answers,
});

const signOutRoute = createRoute({
  method: 'post',
  path: '/v1/auth/sign-out',
  operationId: 'signOut',
  'x-right': 'signed-in',
  summary: 'End the session that sends this',
  tags: ['access'],
  request: { body: jsonBody(endSessionSchema) },
  responses: answers,
});

export function endOwnSession(app: OpenAPIHono, deps: GatewayDeps): void {
  const end = async (kind: string, name: string, id: string) => {
    if (kind !== 'person') throw new PermanentError('access.session-not-found', `${name} has no sessions.`);
    const { written } = await withOutbox(deps.own, (tx) => endSession(tx, name, id, new Date()));
    deps.published(written);
    return { id };
  };
  app.openapi(endRoute, async (c) => {
    const { kind, name } = c.var.principal;
    return c.json(await end(kind, name, c.req.valid('param').session), 200);
  });
  app.openapi(signOutRoute, async (c) => {
    const { kind, name, sessionId } = c.var.principal;
    if (sessionId === null)
      throw new PermanentError('access.session-not-found', `${name} shows a key, and no session.`);
    const ended = await end(kind, name, sessionId);
    dropCookie(c, 'session');
    return c.json(ended, 200);
  });
}
