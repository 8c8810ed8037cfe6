import { retryDelayMs } from '../attempts/retry-delay.ts';

/** This many outages in a row, with no success between, and the stage stops asking for work. */
const opensAfter = 3;
/** Longest wait before a probe, which is a single message: an upstream that is back is used again within 15 s. */
const defaultWaitMaxMs = 15_000;
/** Longest wait for the broker and the database, without which no work goes on: 3 s after they are back. */
const ownWaitMaxMs = 3_000;
const ownHosts = new Set(['nats', 'postgres']);

export interface Outage {
  /** The host that is out of order. */
  host: string;
  /** Code of its last error. */
  code: string;
  detail: string;
}

export interface OutageState extends Outage {
  since: Date;
  /** When it is tried again. */
  probeAt: Date;
  consecutive: number;
}

/**
 * A circuit breaker: while an upstream is away the stage waits, instead of taking message after message to fail on.
 * One success closes it.
 */
export class OutageGate {
  #consecutive = 0;
  #open: OutageState | null = null;
  readonly #onPause: (state: OutageState) => void;
  readonly #onResume: (state: OutageState) => void;

  readonly #retryBaseMs: number | undefined;
  readonly #waitMaxMs: number;

  /**
   * @param retryBaseMs first wait before the upstream is tried again.
   * @param waitMaxMs the longest wait, unless the upstream asks for more.
   */
  constructor(
    onPause: (state: OutageState) => void,
    onResume: (state: OutageState) => void,
    retryBaseMs?: number,
    waitMaxMs = defaultWaitMaxMs,
  ) {
    this.#onPause = onPause;
    this.#onResume = onResume;
    this.#retryBaseMs = retryBaseMs;
    this.#waitMaxMs = waitMaxMs;
  }

  /** The outage that the stage waits for, or null. */
  get state(): OutageState | null {
    return this.#open;
  }

  succeeded(): void {
    this.#consecutive = 0;
    const was = this.#open;
    this.#open = null;
    if (was) this.#onResume(was);
  }

  /** @param retryAfterMs how long the upstream asked us to stay away. */
  failed(outage: Outage, retryAfterMs: number | undefined, now: Date): void {
    // Messages that were in work when the gate opened fail too, and say nothing new: only a failed probe counts.
    if (this.#open && now < this.#open.probeAt) {
      if (now.getTime() + (retryAfterMs ?? 0) <= this.#open.probeAt.getTime()) return;
    } else {
      this.#consecutive += 1;
    }
    if (this.#consecutive < opensAfter && retryAfterMs === undefined) return;
    const backoffMs = retryDelayMs(Math.max(1, this.#consecutive - opensAfter + 1), this.#retryBaseMs);
    const waitMaxMs = ownHosts.has(outage.host) ? ownWaitMaxMs : this.#waitMaxMs;
    const waitMs = Math.max(retryAfterMs ?? 0, Math.min(backoffMs, waitMaxMs));
    this.#open = {
      ...outage,
      since: this.#open?.since ?? now,
      probeAt: new Date(now.getTime() + waitMs),
      consecutive: this.#consecutive,
    };
    this.#onPause(this.#open);
  }
}
