import {
  PermanentError,
  type AboutWebhookInput,
  type ChangeWebhookInput,
  type SteerWebhookInput,
  type Webhook,
  type WebhookWithSecret,
} from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { makeSecret } from '@sluice/webhooks';
import type { NotifierDeps } from '../deps.ts';
import { placeOf } from '../secrets/reseal.ts';
import { transact } from '../transact.ts';
import { checkAddress } from '../webhooks/check-address.ts';
import { findRow, lockWebhook, webhookNotFound } from '../webhooks/lock-webhook.ts';
import { toWebhook, type WebhookRow } from '../webhooks/rows.ts';
import { nameTaken, requireDigest, requireSealing } from './create-webhook.ts';

/** For so long after a rotation receivers may still check against the secret before. */
const previousMs = 24 * 3_600_000;

/**
 * Changes a webhook. Another address is trusted anew; waiting messages go there.
 * @throws PermanentError `webhook.not-found`, `webhook.address-refused`, `webhook.name-taken`, `webhook.unavailable`.
 */
export async function changeWebhook(input: ChangeWebhookInput, deps: NotifierDeps): Promise<Webhook> {
  const { webhookId, changes } = input;
  const sealing = requireSealing(deps);
  const before = await findRow(deps.sql, webhookId);
  if (!before) throw webhookNotFound(webhookId);
  const shownUrl =
    changes.url === undefined ? undefined : await checkAddress(changes.url, before.format, deps);
  const shown = { ...changes, ...(shownUrl === undefined ? {} : { url: shownUrl }) };
  return act(input, 'change-webhook', { changes: shown }, deps, async (tx, row) => {
    const { name = row.name, types = row.types, digest = row.digest } = changes;
    requireDigest(row.format, digest);
    await tx`
      update webhooks set name = ${name}, types = ${JSON.stringify(types)}::text::jsonb, digest = ${digest},
        changed_at = ${deps.now()}
      where id = ${webhookId}`.catch((error: unknown) => {
      // Unique violation.
      throw (error as { code?: unknown }).code === '23505' ? nameTaken(name) : error;
    });
    if (changes.url === undefined) return;
    await tx`
      update webhooks set sealed_url = ${sealing.seal(changes.url, placeOf(webhookId, 'sealed_url'))}, shown_url = ${shownUrl!},
        failures = 0, failing_since = null, paused_until = null where id = ${webhookId}`;
  });
}

/** Removes a webhook with its deliveries. @throws PermanentError `webhook.not-found`. */
export async function removeWebhook(input: AboutWebhookInput, deps: NotifierDeps): Promise<Webhook> {
  return transact(deps, async (tx) => {
    const row = await lockWebhook(tx, input.webhookId);
    await tx`delete from webhooks where id = ${input.webhookId}`;
    await audit(tx, input, 'remove-webhook', { name: row.name, url: row.shownUrl }, deps);
    return toWebhook(row, deps.now());
  });
}

/**
 * Enables a webhook, from now on: events of the time between can be replayed. Or disables it; its waiting messages stay.
 * @throws PermanentError `webhook.not-found`.
 */
export async function steerWebhook(input: SteerWebhookInput, deps: NotifierDeps): Promise<Webhook> {
  const { webhookId, action, reason } = input;
  return act(input, `${action}-webhook`, {}, deps, async (tx, row) => {
    const now = deps.now();
    if ((row.disabledAt === null) === (action === 'enable')) return;
    await (action === 'enable'
      ? tx`
        update webhooks set disabled_at = null, disabled_code = null, disabled_detail = null, armed_at = ${now}, failures = 0,
          failing_since = null, paused_until = null, changed_at = ${now} where id = ${webhookId}`
      : tx`
        update webhooks set disabled_at = ${now}, disabled_code = 'webhook.disabled', disabled_detail = ${reason},
          changed_at = ${now} where id = ${webhookId}`);
  });
}

/**
 * Gives a webhook another secret. The one before signs beside it for a day.
 * @throws PermanentError `webhook.not-found`, `webhook.unsigned`, `webhook.unavailable`.
 */
export async function rotateSecret(input: AboutWebhookInput, deps: NotifierDeps): Promise<WebhookWithSecret> {
  const sealing = requireSealing(deps);
  const { webhookId } = input;
  const secret = makeSecret();
  const webhook = await act(input, 'rotate-webhook-secret', {}, deps, async (tx, row) => {
    if (row.format !== 'standard')
      throw new PermanentError('webhook.unsigned', `The webhook ${row.name} has the format ${row.format}.`);
    const [sealed] = await tx<{ secret: string }[]>`
      select sealed_secret as secret from webhooks where id = ${webhookId}`;
    const previous = sealing.unseal(sealed!.secret, placeOf(webhookId, 'sealed_secret'));
    const now = deps.now();
    await tx`
      update webhooks set sealed_secret = ${sealing.seal(secret, placeOf(webhookId, 'sealed_secret'))},
        sealed_previous = ${sealing.seal(previous, placeOf(webhookId, 'sealed_previous'))},
        previous_until = ${new Date(now.getTime() + previousMs)}, changed_at = ${now} where id = ${webhookId}`;
  });
  return { webhook, secret };
}

async function act(
  input: AboutWebhookInput,
  action: string,
  detail: Record<string, unknown>,
  deps: NotifierDeps,
  work: (tx: Tx, row: WebhookRow) => Promise<void>,
): Promise<Webhook> {
  return transact(deps, async (tx) => {
    await work(tx, await lockWebhook(tx, input.webhookId));
    await audit(tx, input, action, detail, deps);
    return toWebhook((await findRow(tx, input.webhookId))!, deps.now());
  });
}

export async function audit(
  tx: Tx,
  { webhookId, by, reason }: AboutWebhookInput,
  action: string,
  detail: Record<string, unknown>,
  { now }: Pick<NotifierDeps, 'now'>,
): Promise<void> {
  const about = { actor: by, action, subject: webhookId, detail: { reason, ...detail } };
  await recordAudit(tx, 'notifier', about, now());
}
