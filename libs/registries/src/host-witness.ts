import { singleFlight } from './single-flight.ts';

/** Asks for something and rejects unless the answer is a registry's. */
export type Ask = (signal: AbortSignal) => Promise<unknown>;

/**
 * Remembers for each host something that it answered well lately. After an unusable answer it is asked for again: if it
 * still comes, only the one thing is broken; otherwise the host, or a portal before it, is.
 *
 * So a portal costs no attempts, and one broken package neither opens the circuit of its registry nor is tried
 * for ever.
 */
export class HostWitness {
  readonly #asks = new Map<string, { key: string; ask: Ask }>();
  readonly #flight = singleFlight<boolean>();
  readonly #fallback: (host: string) => Ask | null;

  /** @param fallback the question for a host that has not answered well yet; null for none. */
  constructor(fallback: (host: string) => Ask | null) {
    this.#fallback = fallback;
  }

  /** @param key identifies the question, so that it is not its own witness. */
  answeredWell(host: string, key: string, ask: Ask): void {
    this.#asks.set(host, { key, ask });
  }

  /**
   * Whether the host answers well, which takes a request. All who ask at the same time get the same answer.
   * @param key identifies the question that had an unusable answer.
   * @throws the signal's reason.
   */
  async isWell(host: string, key: string, signal: AbortSignal): Promise<boolean> {
    const known = this.#asks.get(host);
    const ask = known && known.key !== key ? known.ask : this.#fallback(host);
    if (!ask) return false;
    const answers = (flightSignal: AbortSignal) =>
      ask(flightSignal).then(
        () => true,
        () => false,
      );
    return await this.#flight(host, answers, signal);
  }
}
