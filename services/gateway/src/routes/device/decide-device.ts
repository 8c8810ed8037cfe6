import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { decideDeviceSchema, decidedDeviceSchema } from '@sluice/api';
import { withOutbox } from '@sluice/delivery';
import { decideDevice } from '../../device/device-codes.ts';
import { requireBrowser, requireTry } from '../../device/require-browser.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/auth/device/decide',
  operationId: 'decideDevice',
  'x-right': 'signed-in',
  summary: 'Approve or refuse the sign-in of a command line',
  description: 'For who has signed in with a browser. The command line gets the rights of that session.',
  tags: ['access'],
  request: { body: jsonBody(decideDeviceSchema) },
  responses: {
    200: jsonContent(decidedDeviceSchema, 'It was decided.'),
    ...problems(
      ...commandBodyProblems,
      ...askingProblems,
      'access.browser-only',
      'device.not-found',
      'device.too-many-tries',
    ),
  },
});

export function decideWaitingDevice(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { userCode, decision } = c.req.valid('json');
    const by = requireBrowser(c);
    await requireTry(deps.own, 'decide', by.name);
    const { written } = await withOutbox(deps.own, (tx) =>
      decideDevice(tx, userCode, decision === 'approve', by, new Date()),
    );
    deps.published(written);
    return c.json({ decision }, 200);
  });
}
