import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { findDeviceSchema, pendingDeviceSchema } from '@sluice/api';
import { findDevice } from '../../device/device-codes.ts';
import { requireBrowser, requireTry } from '../../device/require-browser.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/auth/device/find',
  operationId: 'findDevice',
  'x-right': 'signed-in',
  summary: 'Show which command line waits with a code',
  description: 'For who has signed in with a browser. Five codes in ten minutes are looked up for a person.',
  tags: ['access'],
  request: { body: jsonBody(findDeviceSchema) },
  responses: {
    200: jsonContent(pendingDeviceSchema, 'Who asks.'),
    ...problems(
      ...commandBodyProblems,
      ...askingProblems,
      'access.browser-only',
      'device.not-found',
      'device.too-many-tries',
    ),
  },
});

export function findWaitingDevice(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { name } = requireBrowser(c);
    await requireTry(deps.own, 'find', name);
    return c.json(await findDevice(deps.own, c.req.valid('json').userCode, new Date()), 200);
  });
}
