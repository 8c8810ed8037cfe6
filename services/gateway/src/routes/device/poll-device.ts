import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deviceTokenSchema, pollDeviceSchema } from '@sluice/api';
import { withOutbox } from '@sluice/delivery';
import { pollDevice } from '../../device/device-codes.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, publicProblems } from '../../http/problem.ts';
import { remoteAddressOf } from '../../http/remote-address.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/auth/device/token',
  operationId: 'pollDevice',
  'x-right': 'public',
  security: [],
  summary: 'Ask whether a command line was approved',
  tags: ['access'],
  request: { body: jsonBody(pollDeviceSchema) },
  responses: {
    201: jsonContent(deviceTokenSchema, 'A token with the rights that the person has, for twelve hours.'),
    ...publicProblems(
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
    const from = { address: remoteAddressOf(c), userAgent: c.req.header('user-agent') };
    const { result, written } = await withOutbox(deps.own, (tx) =>
      pollDevice(tx, deviceCode, from, new Date()),
    );
    deps.published(written);
    if ('refusal' in result) throw result.refusal;
    return c.json(result.token, 201);
  });
}
