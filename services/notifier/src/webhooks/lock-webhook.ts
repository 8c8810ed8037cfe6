import { PermanentError } from '@sluice/contracts';
import type { Sql, Tx } from '@sluice/postgres';
import { webhookColumns, type WebhookRow } from './rows.ts';

export async function findRow(sql: Sql | Tx, webhookId: string): Promise<WebhookRow | null> {
  const [row] = await sql<WebhookRow[]>`
    select ${sql.unsafe(webhookColumns)} from webhooks w where w.id = ${webhookId}`;
  return row ?? null;
}

/** A webhook under a lock. @throws PermanentError `webhook.not-found`. */
export async function lockWebhook(tx: Tx, webhookId: string): Promise<WebhookRow> {
  await tx`select from webhooks where id = ${webhookId} for update`;
  const row = await findRow(tx, webhookId);
  if (!row) throw webhookNotFound(webhookId);
  return row;
}

export function webhookNotFound(webhookId: string): PermanentError {
  return new PermanentError('webhook.not-found', `No webhook has the id ${webhookId}.`);
}

/** @throws PermanentError `webhook.disabled`. */
export function requireEnabled({ name, disabledAt }: WebhookRow): void {
  if (disabledAt !== null) throw new PermanentError('webhook.disabled', `The webhook ${name} is disabled.`);
}
