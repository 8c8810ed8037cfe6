/** Quotas that are remembered at once. */
const keysMax = 10_000;

/**
 * Quotas that are used up, until their end: that stays so, and a requester that goes on asking is refused without the database, whose
 * one row and few connections the others would else wait for.
 */
export class UsedUp {
  readonly #ends = new Map<string, number>();

  /** Seconds until the quota begins anew; null for one that is not known to be used up. */
  secondsLeft(key: string, nowMs = Date.now()): number | null {
    const end = this.#ends.get(key);
    if (end === undefined) return null;
    if (end > nowMs) return Math.ceil((end - nowMs) / 1_000);
    this.#ends.delete(key);
    return null;
  }

  note(key: string, seconds: number, nowMs = Date.now()): void {
    if (this.#ends.size >= keysMax) this.#ends.delete(this.#ends.keys().next().value!);
    this.#ends.set(key, nowMs + seconds * 1_000);
  }
}
