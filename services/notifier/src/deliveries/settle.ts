import { recordAudit } from '@sluice/delivery';
import { columnsOf, type Tx } from '@sluice/postgres';
import { circuitWaitMs, retryWaitMs } from '@sluice/webhooks';
import { Counter } from 'prom-client';
import type { NotifierDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import type { Claim, Claimed } from './claim.ts';
import type { Outcome } from './send.ts';

export interface Sent {
  delivery: Claimed;
  outcome: Outcome;
}

/** A receiver that failed for so long is not sent anything any more. */
const failingMaxMs = 5 * 24 * 3_600_000;
/** A receiver that is full and says no time is left alone for so long. */
const slowDownMs = 30_000;

const triesTotal = new Counter({
  name: 'sluice_webhook_tries_total',
  help: 'Tries to deliver a message to a webhook, by what came of them.',
  labelNames: ['result'] as const,
});
const failedTotal = new Counter({
  name: 'sluice_webhook_deliveries_failed_total',
  help: 'Messages to webhooks that were given up after all tries.',
});
const disabledTotal = new Counter({
  name: 'sluice_webhooks_disabled_total',
  help: 'Webhooks that were disabled because of their receiver, by why.',
  labelNames: ['code'] as const,
});

/** How a receiver does. */
interface Standing {
  failures: number;
  failingSince: Date | null;
  pausedUntil: Date | null;
  lastDeliveredAt: Date | null;
}

/**
 * Writes outcomes of tries, in the order of their ends, and their consequences for the webhook. A lease that another notifier took over
 * changes nothing.
 * @param unsent deliveries that were claimed and not tried; they are due at once.
 */
export async function settle(
  { receiver, lease }: Claim,
  sent: readonly Sent[],
  unsent: readonly Claimed[],
  deps: NotifierDeps,
): Promise<void> {
  const ended = await transact(deps, async (tx) => {
    const [standing] = await tx<Standing[]>`
      select failures, failing_since as "failingSince", paused_until as "pausedUntil", last_delivered_at as "lastDeliveredAt"
      from webhooks where id = ${receiver.id} for update`;
    // Removed meanwhile, with its deliveries.
    if (!standing) return [];
    const steps = sent.map((one) => stepOf(one, deps.chance()));
    const saved = await saveSteps(tx, lease, steps);
    const counted = steps.filter(({ id }) => saved.has(id));
    await saveStanding(tx, receiver.id, followed(standing, counted, deps.now()), counted, deps.now());
    await release(tx, lease, unsent, deps.now());
    return counted;
  });
  for (const { outcome, state } of ended) {
    triesTotal.inc({ result: outcome.isDelivered ? 'delivered' : 'failed' });
    if (state === 'failed') failedTotal.inc();
  }
}

interface Step {
  id: string;
  outcome: Outcome;
  state: 'waiting' | 'delivered' | 'failed';
  number: number;
  failedTries: number;
  dueAt: Date;
}

/** The next state of a delivery. Pure. */
function stepOf({ delivery, outcome }: Sent, chance: number): Step {
  const { id, tries } = delivery;
  const endedAt = new Date(outcome.at.getTime() + outcome.durationMs);
  const number = tries + 1;
  if (outcome.isDelivered)
    return { id, outcome, number, state: 'delivered', failedTries: delivery.failedTries, dueAt: endedAt };
  const failedTries = delivery.failedTries + 1;
  const waitMs = retryWaitMs(failedTries, chance);
  const dueAt = new Date(endedAt.getTime() + Math.max(waitMs ?? 0, outcome.retryAfterMs ?? 0));
  return { id, outcome, number, state: waitMs === null ? 'failed' : 'waiting', failedTries, dueAt };
}

/** @returns the deliveries that were still this notifier's. */
async function saveSteps(tx: Tx, lease: string, steps: readonly Step[]): Promise<Set<string>> {
  if (steps.length === 0) return new Set();
  const column = columnsOf(tx, steps);
  const rows = await tx<{ id: string }[]>`
    with steps as materialized (
      select * from unnest(
        ${column(({ id }) => id)}::uuid[], ${column(({ state }) => state)}, ${column(({ number }) => number)}::int[],
        ${column(({ failedTries }) => failedTries)}::int[], ${column(({ dueAt }) => dueAt.toISOString())}::timestamptz[],
        ${column(({ outcome }) => outcome.at.toISOString())}::timestamptz[],
        ${column(({ outcome }) => outcome.durationMs)}::int[], ${column(({ outcome }) => outcome.status)}::int[],
        ${column(({ outcome }) => outcome.error)}, ${column(({ outcome }) => outcome.response)})
        as s (id, state, number, failed_tries, due_at, at, duration_ms, status, error, response)),
    saved as (
      update deliveries d set state = s.state, tries = s.number, failed_tries = s.failed_tries, due_at = s.due_at, lease = null,
        ended_at = case when s.state = 'waiting' then null else s.due_at end, last_status = s.status, last_error = s.error
      from steps s where d.id = s.id and d.lease = ${lease} returning d.id)
    insert into tries (delivery_id, number, at, duration_ms, status, error, response)
    select s.id, s.number, s.at, s.duration_ms, s.status, s.error, s.response from steps s join saved using (id)
    returning delivery_id as id`;
  return new Set(rows.map(({ id }) => id));
}

async function release(tx: Tx, lease: string, unsent: readonly Claimed[], now: Date): Promise<void> {
  if (unsent.length === 0) return;
  await tx`
    update deliveries set lease = null, due_at = ${now}
    where id = any(${unsent.map(({ id }) => id)}::uuid[]) and lease = ${lease}`;
}

/** The standing of a webhook after tries. Pure. */
function followed(before: Standing, steps: readonly Step[], now: Date): Standing {
  let after = before;
  for (const { outcome } of steps) {
    if (outcome.isDelivered) {
      after = { failures: 0, failingSince: null, pausedUntil: null, lastDeliveredAt: outcome.at };
      continue;
    }
    const failures = after.failures + 1;
    const isFull = outcome.status === 429 || outcome.status === 503;
    const waitMs = Math.max(circuitWaitMs(failures), outcome.retryAfterMs ?? (isFull ? slowDownMs : 0));
    const until = new Date(now.getTime() + waitMs);
    const pausedUntil =
      waitMs > 0 && (after.pausedUntil === null || after.pausedUntil < until) ? until : after.pausedUntil;
    after = { ...after, failures, failingSince: after.failingSince ?? outcome.at, pausedUntil };
  }
  return after;
}

async function saveStanding(
  tx: Tx,
  webhookId: string,
  { failures, failingSince, pausedUntil, lastDeliveredAt }: Standing,
  steps: readonly Step[],
  now: Date,
): Promise<void> {
  await tx`
    update webhooks set failures = ${failures}, failing_since = ${failingSince}, paused_until = ${pausedUntil},
      last_delivered_at = ${lastDeliveredAt} where id = ${webhookId}`;
  const isGone = steps.some(({ outcome }) => outcome.isGone);
  const isFailing = failingSince !== null && now.getTime() - failingSince.getTime() >= failingMaxMs;
  if (!isGone && !isFailing) return;
  const [code, detail] = isGone
    ? ['webhook.gone', 'The receiver answered 410.']
    : ['webhook.failing', `The receiver failed since ${failingSince!.toISOString()}.`];
  const { count } = await tx`
    update webhooks set disabled_at = ${now}, disabled_code = ${code!}, disabled_detail = ${detail!}
    where id = ${webhookId} and disabled_at is null`;
  if (count === 0) return;
  const act = { actor: 'sluice', action: 'disable-webhook', subject: webhookId, detail: { code, detail } };
  await recordAudit(tx, 'notifier', act, now);
  disabledTotal.inc({ code: code! });
}
