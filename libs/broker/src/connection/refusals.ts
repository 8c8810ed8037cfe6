import { PermissionViolationError } from '@nats-io/transport-node';
import type { Logger } from '@sluice/runtime';
import { Counter } from 'prom-client';

/** `permissions`: the client has no right to. `no-stream`: no stream takes the subject. `error`: any other error of the broker. */
const reasons = ['permissions', 'no-stream', 'error'] as const;
export type RefusalReason = (typeof reasons)[number];

/** A message that the broker did not take, with its reason: unlike one that it did not confirm in time. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, text: string) {
    super(text);
    this.reason = reason;
  }
}

const refused = new Counter({
  name: 'sluice_nats_refused_total',
  help: 'Messages and subscriptions that the broker refused, by reason: permissions, no-stream or error.',
  labelNames: ['reason'] as const,
});

/** A refused publish is tried again within seconds: one that is not refused again for this long is over. */
const keptMs = 60_000;

interface Refusal {
  at: number;
  text: string;
  /** A subscription is asked for once in the life of a connection, so its refusal holds as long. */
  holds: boolean;
}

/** Refusals of the broker on this connection: logged when one begins, counted, and shown in the health. */
export class Refusals {
  readonly #log: Logger;
  readonly #known = new Map<string, Refusal>();

  constructor(log: Logger) {
    this.#log = log;
    for (const reason of reasons) refused.inc({ reason }, 0);
  }

  /** @param about the refused action, such as `publish pkg.failed.bulk`. */
  note(about: string, { reason, message }: Pick<RefusedError, 'reason' | 'message'>, holds = false): void {
    refused.inc({ reason });
    if (!this.current().some((known) => known.startsWith(`${about}: `))) {
      this.#log.error({ about, reason }, `the broker refused: ${message}`);
    }
    this.#known.set(about, { at: Date.now(), text: message, holds });
  }

  /** The broker took the message after all. */
  over(about: string): void {
    if (this.#known.size > 0) this.#known.delete(about);
  }

  /** The connection was made anew, and with it its subscriptions. */
  reconnected(): void {
    for (const [about, { holds }] of this.#known) if (holds) this.#known.delete(about);
  }

  /** Present refusals, in words. */
  current(): string[] {
    for (const [about, { at, holds }] of this.#known) {
      if (!holds && Date.now() - at > keptMs) this.#known.delete(about);
    }
    return [...this.#known].map(([about, { text }]) => `${about}: ${text}`);
  }
}

/** @returns null for an error of the connection that is no refusal. */
export function readRefusal(error: Error): { operation: 'publish' | 'subscription'; subject: string } | null {
  if (!(error instanceof PermissionViolationError)) return null;
  return { operation: error.operation, subject: error.subject };
}
