import { uuidV7, type NotificationType, type WebhookFormat } from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import { circuitFailures } from '@sluice/webhooks';
import type { NotifierDeps } from '../deps.ts';

/** A webhook as it is sent to. */
export interface Receiver {
  id: string;
  format: WebhookFormat;
  failures: number;
  sealedUrl: string;
  sealedSecret: string | null;
  sealedPrevious: string | null;
  previousUntil: Date | null;
}

/** A delivery that this notifier sends, and no other until its lease has ended. */
export interface Claimed {
  id: string;
  tries: number;
  failedTries: number;
  eventId: string;
  type: NotificationType;
  scope: string | null;
  subject: string;
  occurredAt: Date;
  sequence: number | null;
  data: Record<string, unknown>;
}

export interface Claim {
  receiver: Receiver;
  lease: string;
  deliveries: Claimed[];
}

/** Deliveries that are claimed at once: a healthy receiver has them in well under a second. */
const claimMax = 100;

/** Webhooks with deliveries that are due. */
export async function dueWebhooks({ sql, now }: Pick<NotifierDeps, 'sql' | 'now'>): Promise<string[]> {
  const at = now();
  const rows = await sql<{ id: string }[]>`
    select w.id from webhooks w where w.disabled_at is null and (w.paused_until is null or w.paused_until <= ${at})
      and exists (select from deliveries d where d.webhook_id = w.id and d.state = 'waiting' and d.due_at <= ${at})`;
  return rows.map(({ id }) => id);
}

/**
 * Claims deliveries of a webhook, the oldest first; of one whose receiver failed often, a single one, which says whether it is back.
 * @returns null when there is nothing to send now, or another notifier claims at this moment.
 */
export async function claimDeliveries(
  webhookId: string,
  leaseMs: number,
  { sql, now }: Pick<NotifierDeps, 'sql' | 'now'>,
): Promise<Claim | null> {
  const at = now();
  const lease = uuidV7();
  const claim = await sql
    .begin(async (tx) => {
      const [receiver] = await tx<Receiver[]>`
        select id, format, failures, sealed_url as "sealedUrl", sealed_secret as "sealedSecret",
          sealed_previous as "sealedPrevious", previous_until as "previousUntil"
        from webhooks where id = ${webhookId} and disabled_at is null and (paused_until is null or paused_until <= ${at})
        for update skip locked`;
      if (!receiver) return null;
      const isTrusted = receiver.failures < circuitFailures;
      const deliveries = await tx<Claimed[]>`
        with due as (
          select id from deliveries where webhook_id = ${webhookId} and state = 'waiting' and due_at <= ${at}
          order by due_at, id limit ${isTrusted ? claimMax : 1} for update skip locked),
        claimed as (
          update deliveries d set lease = ${lease}, due_at = ${new Date(at.getTime() + leaseMs)}
          from due where d.id = due.id returning d.id, d.tries, d.failed_tries, d.notification_id, d.created_at)
        select c.id, c.tries, c.failed_tries as "failedTries", n.id as "eventId", n.type, n.scope, n.subject,
          n.occurred_at as "occurredAt", n.sequence, n.data
        from claimed c join notifications n on n.id = c.notification_id order by n.occurred_at, c.id`;
      return deliveries.length === 0 ? null : { receiver, lease, deliveries };
    })
    .catch((error: unknown) => {
      throw asTransient(error);
    });
  return claim as Claim | null;
}
