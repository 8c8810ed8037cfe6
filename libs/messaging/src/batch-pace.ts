/**
 * Lets batches gather: what comes after a pause is taken at once, what comes on the heels of a batch waits until a
 * moment after it, with whatever else comes by then. Each batch costs a transaction, and messages come in trickles.
 */
export class BatchPace {
  readonly #apartMs: number;
  #ended = -Infinity;

  /** @param apartMs between the end of a batch and the begin of the next one, at least. */
  constructor(apartMs: number) {
    this.#apartMs = apartMs;
  }

  /** Resolves when the next batch may be taken, and not before the end of this turn of the event loop. */
  async gather(): Promise<void> {
    const restMs = this.#ended + this.#apartMs - performance.now();
    await new Promise((resolve) => {
      if (restMs > 0) setTimeout(resolve, restMs);
      else setImmediate(resolve);
    });
  }

  /** Says that a batch has ended. */
  ended(): void {
    this.#ended = performance.now();
  }
}
