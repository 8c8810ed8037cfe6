import { retryDelayMs } from '../attempts/retry-delay.ts';

/** This many outages in a row, with no success between, and the stage stops asking for work. */
const opensAfter = 3;
/** A probe is a single message and costs nobody anything: an upstream that is back is not kept waiting. */
const defaultWaitMaxMs = 15_000;
/** The broker and the database are ours, and nothing goes on without them: a few seconds after they are back. */
const ownWaitMaxMs = 3_000;
const ownHosts = new Set(['nats', 'postgres']);

export interface Outage {
  /** The host that is out of order. */
  host: string;
  /** What it did last. */
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
    // Whatever was in work when the gate opened fails too, and says nothing new: only a probe that fails counts.
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
