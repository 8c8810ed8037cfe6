import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deviceTokenSchema, pollDeviceSchema } from '@sluice/api';
import { withOutbox } from '@sluice/delivery';
import { pollDevice } from '../../device/device-codes.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, publicProblems } from '../../http/problem.ts';
import { clientAddressOf } from '../../http/client-address.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/auth/device/token',
  operationId: 'pollDevice',
  'x-right': 'public',
  'x-quota': 'poll',
  security: [],
  summary: 'Ask whether a command line was approved',
  tags: ['access'],
  request: { body: jsonBody(pollDeviceSchema) },
  responses: {
    201: jsonContent(deviceTokenSchema, 'A token with the rights that the person has, for twelve hours.'),
    ...publicProblems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...askingProblems,
      'device.pending',
      'device.slow-down',
      'device.denied',
      'device.expired',
    ),
  },
});

export function pollDeviceSignIn(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { deviceCode } = c.req.valid('json');
    const from = { address: clientAddressOf(c, deps), userAgent: c.req.header('user-agent') };
    const { result, written } = await withOutbox(deps.own, (tx) =>
      pollDevice(tx, deviceCode, from, new Date()),
    );
    deps.published(written);
    if ('refusal' in result) throw result.refusal;
    return c.json(result.token, 201);
  });
}
