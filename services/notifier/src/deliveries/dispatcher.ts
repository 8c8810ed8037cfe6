import { circuitFailures } from '@sluice/webhooks';
import type { NotifierDeps } from '../deps.ts';
import { claimDeliveries, dueWebhooks, type Claim, type Claimed } from './claim.ts';
import { sendMail, sendOnce, unsealAddress, type Address, type Outcome } from './send.ts';
import { settle, type Sent } from './settle.ts';

/** Messages that are under way to one receiver at once. */
const perReceiver = 4;

/** Part of the lease in which sending begins; the rest is for the last answers and for writing them down. */
const beginningMs = 30_000;
const writingMs = 15_000;

/**
 * Sends due messages. Each webhook has a line of its own, so that a receiver that hangs holds up its own messages alone.
 */
export class Dispatcher {
  readonly #deps: NotifierDeps;
  readonly #lines = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
  }

  /** Begins a line for each webhook with something to send. @throws TransientError when Postgres is away. */
  async look(): Promise<void> {
    if (this.#stopped || this.#deps.sealing === null) return;
    for (const id of await dueWebhooks(this.#deps)) {
      if (this.#lines.has(id)) continue;
      const line = this.#serve(id)
        // Its leases end; the deliveries are claimed again.
        .catch((error: unknown) =>
          this.#deps.log.warn({ err: error, webhook: id }, 'a webhook was not served'),
        )
        .finally(() => this.#lines.delete(id));
      this.#lines.set(id, line);
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#lines.size > 0) await Promise.all(this.#lines.values());
  }

  /** Begins nothing more; resolves when all sending has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.idle();
  }

  async #serve(webhookId: string): Promise<void> {
    const leaseMs = beginningMs + this.#deps.timeoutMs + writingMs;
    while (!this.#stopped) {
      const claim = await claimDeliveries(webhookId, leaseMs, this.#deps);
      if (claim === null) return;
      await this.#sendAll(claim);
    }
  }

  async #sendAll(claim: Claim): Promise<void> {
    const waiting = [...claim.deliveries];
    const sent: Sent[] = [];
    let failures = claim.receiver.failures;
    let mayGoOn = true;
    const beganAt = performance.now();
    const address = this.#addressOf(claim);
    if (claim.receiver.format === 'email' && !(address instanceof Error)) {
      const outcome = await sendMail(waiting, address, this.#deps);
      const all = waiting.map((delivery) => ({ delivery, outcome }));
      return settle(claim, all, [], this.#deps);
    }
    const work = async () => {
      while (mayGoOn && !this.#stopped && performance.now() - beganAt < beginningMs) {
        const delivery = waiting.shift();
        if (!delivery) return;
        const outcome = await this.#send(delivery, claim, address);
        sent.push({ delivery, outcome });
        failures = outcome.isDelivered ? 0 : failures + 1;
        mayGoOn = outcome.isDelivered || (failures < circuitFailures && !asksToWait(outcome));
      }
    };
    await Promise.all(Array.from({ length: perReceiver }, work));
    await settle(claim, sent, waiting, this.#deps);
  }

  #addressOf({ receiver }: Claim): Address | Error {
    try {
      return unsealAddress(receiver, this.#deps.sealing!, this.#deps.now());
    } catch (error) {
      this.#deps.log.error({ err: error, webhook: receiver.id }, 'the secret of a webhook cannot be read');
      return error as Error;
    }
  }

  async #send(delivery: Claimed, { receiver }: Claim, address: Address | Error): Promise<Outcome> {
    if (!(address instanceof Error)) return sendOnce(delivery, receiver, address, this.#deps);
    const none = { status: null, response: null, isDelivered: false, isGone: false, retryAfterMs: null };
    return { ...none, at: this.#deps.now(), durationMs: 0, error: `webhook.sealed: ${address.message}` };
  }
}

/** The other messages wait, too. */
function asksToWait({ status, isGone, retryAfterMs }: Outcome): boolean {
  return isGone || retryAfterMs !== null || status === 429 || status === 503;
}
