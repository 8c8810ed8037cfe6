import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { followInvitationSchema, signInAddressSchema } from '@sluice/api';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, publicProblems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';
import { requireInvitation } from '../../sign-in/invitations.ts';
import { homePath } from '../../sign-in/return-path.ts';
import { requireSignIn, sendToProvider } from '../sign-in/begin-sign-in.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/auth/invitation',
  operationId: 'followInvitation',
  'x-right': 'public',
  'x-quota': 'auth',
  security: [],
  summary: 'Begin the sign-in of a person who was invited',
  description:
    'The answer leads the browser to the provider, and has the cookie by which it comes back. The person is an admin then, and the ' +
    'invitation is used up.',
  tags: ['access'],
  request: { body: jsonBody(followInvitationSchema) },
  responses: {
    200: jsonContent(signInAddressSchema, 'Where the browser goes.'),
    ...publicProblems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...askingProblems,
      'access.invitation-invalid',
      'access.no-sign-in',
      'access.issuer-unavailable',
    ),
  },
});

export function followInvitation(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    requireSignIn(deps);
    const invitation = await requireInvitation(deps.own, c.req.valid('json').invitation, new Date());
    const url = await sendToProvider(c, deps, { returnPath: homePath, invitation });
    return c.json({ url }, 200);
  });
}
