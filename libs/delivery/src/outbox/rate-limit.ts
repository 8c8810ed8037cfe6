/** Lets things happen no faster than at a steady rate. */
export class RateLimit {
  readonly #msEach: number;
  #freeAt = -Infinity;

  constructor(perSecond: number) {
    this.#msEach = 1_000 / perSecond;
  }

  /** Resolves when this many more may happen. */
  async take(count: number): Promise<void> {
    if (count === 0) return;
    const now = performance.now();
    const waitMs = this.#freeAt - now;
    this.#freeAt = Math.max(this.#freeAt, now) + count * this.#msEach;
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
