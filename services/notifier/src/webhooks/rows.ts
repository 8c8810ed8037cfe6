import type { Delivery, NotificationType, Webhook, WebhookDigest, WebhookFormat } from '@sluice/contracts';

export interface WebhookRow {
  id: string;
  name: string;
  scope: string | null;
  format: WebhookFormat;
  digest: WebhookDigest;
  types: NotificationType[];
  shownUrl: string;
  disabledAt: Date | null;
  disabledCode: string | null;
  disabledDetail: string | null;
  armedAt: Date;
  failures: number;
  failingSince: Date | null;
  pausedUntil: Date | null;
  lastDeliveredAt: Date | null;
  previousUntil: Date | null;
  createdAt: Date;
  createdBy: string;
  changedAt: Date;
  waiting: number;
}

/** Deliveries that are counted, at most: the count is for people. */
const countedMax = 10_000;

/** SQL: columns of a webhook `w`. */
export const webhookColumns = `w.id, w.name, w.scope, w.format, w.digest, w.types, w.shown_url as "shownUrl", w.disabled_at as "disabledAt",
  w.disabled_code as "disabledCode", w.disabled_detail as "disabledDetail", w.armed_at as "armedAt", w.failures,
  w.failing_since as "failingSince", w.paused_until as "pausedUntil", w.last_delivered_at as "lastDeliveredAt",
  w.previous_until as "previousUntil", w.created_at as "createdAt", w.created_by as "createdBy", w.changed_at as "changedAt",
  (select count(*)::int from (select from deliveries d where d.webhook_id = w.id and d.state = 'waiting'
    limit ${countedMax}) as few) as waiting`;

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Pure. */
export function toWebhook(row: WebhookRow, now: Date): Webhook {
  const { id, name, scope, format, digest, types, failures, waiting, createdBy } = row;
  const inFuture = (at: Date | null) => (at !== null && at > now ? at.toISOString() : null);
  return {
    id,
    name,
    scope,
    format,
    digest,
    types,
    url: row.shownUrl,
    state: row.disabledAt === null ? 'enabled' : 'disabled',
    disabled:
      row.disabledAt === null
        ? null
        : {
            code: row.disabledCode ?? '',
            detail: row.disabledDetail ?? '',
            at: row.disabledAt.toISOString(),
          },
    armedAt: row.armedAt.toISOString(),
    failures,
    failingSince: iso(row.failingSince),
    pausedUntil: inFuture(row.pausedUntil),
    lastDeliveredAt: iso(row.lastDeliveredAt),
    waiting,
    previousSecretUntil: inFuture(row.previousUntil),
    createdAt: row.createdAt.toISOString(),
    createdBy,
    changedAt: row.changedAt.toISOString(),
  };
}

export interface DeliveryRow {
  id: string;
  webhookId: string;
  eventId: string;
  type: NotificationType;
  subject: string;
  occurredAt: Date;
  state: Delivery['state'];
  tries: number;
  dueAt: Date;
  createdAt: Date;
  endedAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
}

/** SQL: columns of a delivery `d` of a notification `n`. */
export const deliveryColumns = `d.id, d.webhook_id as "webhookId", n.id as "eventId", n.type, n.subject,
  n.occurred_at as "occurredAt", d.state, d.tries, d.due_at as "dueAt", d.created_at as "createdAt", d.ended_at as "endedAt",
  d.last_status as "lastStatus", d.last_error as "lastError"`;

/** Pure. */
export function toDelivery({ occurredAt, dueAt, createdAt, endedAt, ...row }: DeliveryRow): Delivery {
  return {
    ...row,
    occurredAt: occurredAt.toISOString(),
    nextTryAt: row.state === 'waiting' ? dueAt.toISOString() : null,
    createdAt: createdAt.toISOString(),
    endedAt: iso(endedAt),
  };
}
