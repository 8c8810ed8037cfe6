/** Longest wait of a deferrable event. */
const patienceMs = 100;

/**
 * Starts the next batch: each costs a transaction, and messages come in trickles. An urgent event starts it at once
 * after a pause, and right after a batch after as long as that batch took. Deferrable events join it, or start a batch
 * themselves after `patienceMs`.
 */
export class BatchPace {
  readonly #apartMaxMs: number;
  #begun = 0;
  /** When the batch before was ended for long enough. */
  #restedAt = -Infinity;
  /** Start time of the next batch. Infinity: no event is waiting. */
  #dueAt = Infinity;
  #isFull = false;
  #timer: NodeJS.Timeout | undefined;
  #isDue: (() => void) | undefined;

  /** @param apartMaxMs between the end of a batch and the begin of the next one, at most. */
  constructor(apartMaxMs: number) {
    this.#apartMaxMs = apartMaxMs;
  }

  /** Says that something waits for the next batch. */
  add(canWait = false): void {
    this.#dueAt = Math.min(this.#dueAt, canWait ? performance.now() + patienceMs : -Infinity);
    this.#arm();
  }

  /** Says that enough waits for a batch: there is nothing to gather. */
  full(): void {
    this.#isFull = true;
    this.#arm();
  }

  /** Resolves when the next batch may be taken, and not before the end of this turn of the event loop. */
  async gather(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#isDue = resolve;
      this.#arm();
    });
    this.#isDue = undefined;
    this.#begun = performance.now();
    this.#dueAt = Infinity;
    this.#isFull = false;
  }

  /** Says that a batch has ended. */
  ended(): void {
    const now = performance.now();
    this.#restedAt = now + Math.min(this.#apartMaxMs, now - this.#begun);
  }

  /** Wakes the gathering batch at its start time. */
  #arm(): void {
    if (!this.#isDue) return;
    clearTimeout(this.#timer);
    const restMs = this.#isFull ? 0 : Math.max(this.#dueAt, this.#restedAt) - performance.now();
    if (restMs <= 0) setImmediate(this.#isDue);
    else if (restMs < Infinity) this.#timer = setTimeout(this.#isDue, restMs);
  }
}
