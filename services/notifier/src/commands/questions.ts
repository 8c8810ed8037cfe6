import type {
  Delivery,
  DeliveryDetail,
  FindDeliveryInput,
  ListDeliveriesInput,
  ListWebhooksInput,
  Webhook,
} from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import type { NotifierDeps } from '../deps.ts';
import { bodyOf } from '../deliveries/send.ts';
import { findRow, webhookNotFound } from '../webhooks/lock-webhook.ts';
import {
  deliveryColumns,
  toDelivery,
  toWebhook,
  webhookColumns,
  type DeliveryRow,
  type WebhookRow,
} from '../webhooks/rows.ts';
import { deliveryNotFound } from './send-again.ts';

type Deps = Pick<NotifierDeps, 'sql' | 'now'>;

export function findWebhook(
  { webhookId }: { webhookId: string },
  { sql, now }: Deps,
): Promise<{ webhook: Webhook | null }> {
  return asked(async () => {
    const row = await findRow(sql, webhookId);
    return { webhook: row && toWebhook(row, now()) };
  });
}

/** Webhooks by name and id, from behind one of them on. */
export function listWebhooks(
  { scopes, after, limit }: ListWebhooksInput,
  { sql, now }: Deps,
): Promise<{ webhooks: Webhook[] }> {
  return asked(async () => {
    const rows = await sql<WebhookRow[]>`
      select ${sql.unsafe(webhookColumns)} from webhooks w
      where true ${scopes === null ? sql`` : sql`and w.scope = any(${scopes}::text[])`}
        ${after === null ? sql`` : sql`and (w.name, w.id) > (${after.name}, ${after.id}::uuid)`}
      order by w.name, w.id limit ${limit}`;
    return { webhooks: rows.map((row) => toWebhook(row, now())) };
  });
}

/** Deliveries of a webhook, newest first. @throws PermanentError `webhook.not-found`. */
export function listDeliveries(
  { webhookId, state, after, limit }: ListDeliveriesInput,
  { sql }: Deps,
): Promise<{ deliveries: Delivery[] }> {
  return asked(async () => {
    if (!(await findRow(sql, webhookId))) throw webhookNotFound(webhookId);
    const rows = await sql<DeliveryRow[]>`
      select ${sql.unsafe(deliveryColumns)} from deliveries d join notifications n on n.id = d.notification_id
      where d.webhook_id = ${webhookId} ${state === null ? sql`` : sql`and d.state = ${state}`}
        ${after === null ? sql`` : sql`and (date_trunc('milliseconds', d.created_at), d.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`}
      order by date_trunc('milliseconds', d.created_at) desc, d.id desc limit ${limit}`;
    return { deliveries: rows.map(toDelivery) };
  });
}

type DetailRow = DeliveryRow & {
  format: WebhookRow['format'];
  scope: string | null;
  sequence: number | null;
  data: Record<string, unknown>;
};

/** A delivery with its body and its tries. @throws PermanentError `delivery.not-found`. */
export function findDelivery(
  { webhookId, deliveryId }: FindDeliveryInput,
  { sql }: Deps,
): Promise<DeliveryDetail> {
  return asked(async () => {
    const [row] = await sql<DetailRow[]>`
      select ${sql.unsafe(deliveryColumns)}, n.scope, n.sequence, n.data, w.format
      from deliveries d join notifications n on n.id = d.notification_id join webhooks w on w.id = d.webhook_id
      where d.id = ${deliveryId} and d.webhook_id = ${webhookId}`;
    if (!row) throw deliveryNotFound(webhookId, deliveryId);
    const { format, scope, sequence, data, ...delivery } = row;
    const log = await sql<(Omit<DeliveryDetail['log'][number], 'at'> & { at: Date })[]>`
      select number, at, duration_ms as "durationMs", status, error, response from tries
      where delivery_id = ${deliveryId} order by number`;
    const { eventId: id, type, subject, occurredAt } = delivery;
    return {
      ...toDelivery(delivery),
      body: bodyOf({ id, type, subject, scope, occurredAt, sequence, data }, format),
      log: log.map(({ at, ...one }) => ({ ...one, at: at.toISOString() })),
    };
  });
}

async function asked<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  return work().catch((error: unknown) => {
    throw asTransient(error);
  });
}
