import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { askForDeviceSignIn } from './ask-for-device.ts';
import { decideWaitingDevice } from './decide-device.ts';
import { findWaitingDevice } from './find-device.ts';
import { pollDeviceSignIn } from './poll-device.ts';

/** The sign-in of command lines. */
export function addDeviceRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  askForDeviceSignIn(app, deps);
  pollDeviceSignIn(app, deps);
  findWaitingDevice(app, deps);
  decideWaitingDevice(app, deps);
}
