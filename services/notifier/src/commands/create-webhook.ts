import {
  PermanentError,
  type CreateWebhookInput,
  type WebhookDigest,
  type WebhookFormat,
  type WebhookWithSecret,
} from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import { makeSecret } from '@sluice/webhooks';
import type { NotifierDeps } from '../deps.ts';
import { placeOf } from '../secrets/reseal.ts';
import type { Sealing } from '../secrets/sealing.ts';
import { transact } from '../transact.ts';
import { checkAddress } from '../webhooks/check-address.ts';
import { findRow } from '../webhooks/lock-webhook.ts';
import { toWebhook } from '../webhooks/rows.ts';

/** Each event is compared with all of them. */
const webhooksMax = 200;

/**
 * Makes a webhook, armed from now on. Its secret is in this answer and in no other; sent again with the same id, there is none.
 * @throws PermanentError `webhook.address-refused`, `webhook.name-taken`, `webhook.too-many`, `webhook.unavailable`.
 */
export async function createWebhook(
  input: CreateWebhookInput,
  deps: NotifierDeps,
): Promise<WebhookWithSecret> {
  const sealing = requireSealing(deps);
  const { id, name, scope, format, url, digest, types, by, reason } = input;
  requireDigest(format, digest);
  const shownUrl = await checkAddress(url, format, deps);
  return transact(deps, async (tx) => {
    const now = deps.now();
    await tx`select pg_advisory_xact_lock(hashtext('sluice notifier webhooks'))`;
    const known = await findRow(tx, id);
    if (known) return { webhook: toWebhook(known, now), secret: null };
    const [count] = await tx<{ webhooks: number }[]>`select count(*)::int as webhooks from webhooks`;
    if (count!.webhooks >= webhooksMax)
      throw new PermanentError('webhook.too-many', `There are ${webhooksMax} webhooks.`);
    const secret = format === 'standard' ? makeSecret() : null;
    const { count: added } = await tx`
      insert into webhooks (id, name, scope, format, digest, types, sealed_url, shown_url, sealed_secret, armed_at, created_at, created_by,
        changed_at)
      values (${id}, ${name}, ${scope}, ${format}, ${digest}, ${JSON.stringify(types)}::text::jsonb,
        ${sealing.seal(url, placeOf(id, 'sealed_url'))}, ${shownUrl},
        ${secret === null ? null : sealing.seal(secret, placeOf(id, 'sealed_secret'))}, ${now}, ${now}, ${by}, ${now})
      on conflict (name) do nothing`;
    if (added === 0) throw nameTaken(name);
    const detail = { reason, name, scope, format, url: shownUrl, digest, types };
    await recordAudit(tx, 'notifier', { actor: by, action: 'create-webhook', subject: id, detail }, now);
    return { webhook: toWebhook((await findRow(tx, id))!, now), secret };
  });
}

/** @throws PermanentError `webhook.unavailable`. */
export function requireSealing({ sealing }: Pick<NotifierDeps, 'sealing'>): Sealing {
  if (sealing) return sealing;
  throw new PermanentError('webhook.unavailable', 'The notifier has no SECRETS_KEY.');
}

/** @throws PermanentError `input.invalid`. */
export function requireDigest(format: WebhookFormat, digest: WebhookDigest): void {
  if (format === 'email' || digest === 'each') return;
  const detail = 'is for mails alone';
  throw new PermanentError('input.invalid', `digest: ${detail}.`, {
    faults: [{ in: 'body', pointer: '/digest', detail }],
  });
}

export function nameTaken(name: string): PermanentError {
  return new PermanentError('webhook.name-taken', `There is a webhook ${JSON.stringify(name)}.`);
}
