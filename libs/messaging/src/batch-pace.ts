/** What can wait is taken this long after it came, at the latest. */
const patienceMs = 100;

/**
 * Lets batches gather: each costs a transaction, and messages come in trickles. What somebody waits for is taken at once
 * after a pause, and on the heels of a batch as long after it as that took. What can wait goes along with that, or by
 * itself once it has waited for long enough.
 */
export class BatchPace {
  readonly #apartMaxMs: number;
  #begun = 0;
  /** When the batch before was ended for long enough. */
  #restedAt = -Infinity;
  /** When what has come since the last batch is to be taken; nothing has come as long as that is never. */
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

  /** Has whoever gathers go on when it is time. */
  #arm(): void {
    if (!this.#isDue) return;
    clearTimeout(this.#timer);
    const restMs = this.#isFull ? 0 : Math.max(this.#dueAt, this.#restedAt) - performance.now();
    if (restMs <= 0) setImmediate(this.#isDue);
    else if (restMs < Infinity) this.#timer = setTimeout(this.#isDue, restMs);
  }
}
