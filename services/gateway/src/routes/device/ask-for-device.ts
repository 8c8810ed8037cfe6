import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { askForDeviceSchema, askedDeviceSchema } from '@sluice/api';
import { askForDevice, deviceSeconds, pollSeconds } from '../../device/device-codes.ts';
import { shownUserCode } from '../../device/user-code.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, publicProblems } from '../../http/problem.ts';
import { clientAddressOf } from '../../http/client-address.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';
import { requireSignIn } from '../sign-in/begin-sign-in.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/auth/device',
  operationId: 'askForDevice',
  'x-right': 'public',
  'x-quota': 'auth',
  security: [],
  summary: 'Ask for the sign-in of a command line',
  description:
    'As RFC 8628, in JSON: the command line shows the code for the person and polls with its own. The person types the code where the ' +
    'answer says, sees who asks, and approves.',
  tags: ['access'],
  request: { body: jsonBody(askForDeviceSchema) },
  responses: {
    201: jsonContent(askedDeviceSchema, 'The codes.'),
    ...publicProblems('quota.exceeded', ...commandBodyProblems, ...askingProblems, 'access.no-sign-in'),
  },
});

export function askForDeviceSignIn(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { publicUrl } = requireSignIn(deps);
    const device = { client: c.req.valid('json').client, address: clientAddressOf(c, deps) };
    const { deviceCode, userCode } = await askForDevice(deps.own, device, new Date());
    const verificationUri = new URL('/device', publicUrl).href;
    const shown = shownUserCode(userCode);
    const answer = {
      deviceCode,
      userCode: shown,
      verificationUri,
      verificationUriComplete: `${verificationUri}#${shown}`,
      expiresInSeconds: deviceSeconds,
      intervalSeconds: pollSeconds,
    };
    return c.json(answer, 201);
  });
}
