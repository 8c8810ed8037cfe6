import { isCoded, type ErrorCode } from '@sluice/contracts';
import { recordAudit, withOutbox } from '@sluice/delivery';
import type { Context } from 'hono';
import { Counter } from 'prom-client';
import type { GatewayDeps } from '../deps.ts';
import { EndedKeyError } from '@sluice/identity';

const denied = new Counter({
  name: 'sluice_access_denied_total',
  help: 'Requests that were refused for want of a key or a right, by code.',
  labelNames: ['code'] as const,
});

const codes = new Set<ErrorCode>([
  'access.unauthenticated',
  'access.key-invalid',
  'access.session-ended',
  'access.forbidden',
  'access.not-yourself',
]);

/** More in a minute are counted and logged alone: a program that tries the same again and again fills no table. */
const recordedPerMinute = 100;

/**
 * Records acts that were denied to somebody known: the holder of a key that counts, or did once. Whoever shows no key that
 * was ever one is counted only.
 */
export class DeniedActs {
  readonly #deps: Pick<GatewayDeps, 'own' | 'published' | 'log'>;
  #minute = 0;
  #recorded = 0;

  constructor(deps: Pick<GatewayDeps, 'own' | 'published' | 'log'>) {
    this.#deps = deps;
  }

  /** Never throws: the refusal stands, recorded or not. */
  async note(c: Context, operation: string | undefined, error: unknown): Promise<void> {
    if (!isCoded(error) || !codes.has(error.code)) return;
    denied.inc({ code: error.code });
    const actor =
      error instanceof EndedKeyError ? error.holder : (c.var.principal as { name: string } | undefined)?.name;
    if (actor === undefined || !this.#hasRoom()) return;
    const { own, published, log } = this.#deps;
    const detail = {
      code: error.code,
      why: error.message,
      method: c.req.method,
      path: c.req.path.slice(0, 1_000),
    };
    const act = { actor, action: operation ?? 'unknown', subject: c.req.path.slice(0, 1_000), detail };
    try {
      const { written } = await withOutbox(own, (tx) =>
        recordAudit(tx, 'gateway', { ...act, outcome: 'denied' }),
      );
      published(written);
    } catch (cause) {
      log.error({ err: cause, act }, 'a denied act could not be recorded');
    }
  }

  #hasRoom(): boolean {
    const minute = Math.floor(Date.now() / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#recorded = 0;
    }
    this.#recorded += 1;
    return this.#recorded <= recordedPerMinute;
  }
}
