import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { changeWebhook } from './change-webhook.ts';
import { createWebhook } from './create-webhook.ts';
import { getDelivery } from './get-delivery.ts';
import { getWebhook } from './get-webhook.ts';
import { listDeliveries } from './list-deliveries.ts';
import { listWebhooks } from './list-webhooks.ts';
import { redeliver } from './redeliver.ts';
import { removeWebhook } from './remove-webhook.ts';
import { replayWebhook } from './replay-webhook.ts';
import { rotateSecret } from './rotate-secret.ts';
import { steerWebhook } from './steer-webhook.ts';
import { testWebhook } from './test-webhook.ts';

export function addWebhookRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  createWebhook(app, deps);
  listWebhooks(app, deps);
  getWebhook(app, deps);
  changeWebhook(app, deps);
  removeWebhook(app, deps);
  steerWebhook(app, deps);
  rotateSecret(app, deps);
  testWebhook(app, deps);
  listDeliveries(app, deps);
  getDelivery(app, deps);
  redeliver(app, deps);
  replayWebhook(app, deps);
}
