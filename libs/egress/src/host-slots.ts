/**
 * How many fetches may be under way for one host at once; the rest wait in order. A slow host fills only its own
 * slots.
 */
export class HostSlots {
  readonly #perHost: number;
  readonly #hosts = new Map<string, { active: number; waiting: (() => void)[] }>();

  constructor(perHost: number) {
    this.#perHost = perHost;
  }

  /**
   * Waits for a slot.
   * @returns gives the slot back; calling it again does nothing.
   * @throws the signal's reason when it aborts while waiting.
   */
  async take(host: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const slots = this.#hosts.get(host) ?? { active: 0, waiting: [] };
    this.#hosts.set(host, slots);
    if (slots.active < this.#perHost) slots.active += 1;
    else await waitTurn(slots.waiting, signal);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      // A slot goes straight to the next in line: a later caller cannot overtake.
      const next = slots.waiting.shift();
      if (next) next();
      else slots.active -= 1;
      if (slots.active === 0) this.#hosts.delete(host);
    };
  }
}

function waitTurn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      waiting.splice(waiting.indexOf(turn), 1);
      reject(signal.reason as Error);
    };
    const turn = () => {
      signal.removeEventListener('abort', abort);
      resolve();
    };
    waiting.push(turn);
    signal.addEventListener('abort', abort, { once: true });
  });
}
