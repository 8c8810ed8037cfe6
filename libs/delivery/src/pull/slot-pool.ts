import type { Lane } from '@sluice/contracts';

/**
 * The slots of one stage in one process, shared by both lanes. A slot is held by a message in work, or by a message
 * that was asked of the broker and may arrive any moment: so nothing ever waits in a client's buffer while its
 * ack-wait runs out. Bulk never holds the reserved slots, so an interactive message finds one free.
 */
export class SlotPool {
  readonly total: number;
  readonly reserved: number;
  readonly #running: Record<Lane, number> = { interactive: 0, bulk: 0 };
  readonly #asked: Record<Lane, number> = { interactive: 0, bulk: 0 };

  /** @param total slots in all; a quarter of them, at least one, is kept from bulk. */
  constructor(total: number) {
    this.total = Math.max(total, 2);
    this.reserved = Math.max(1, Math.floor(this.total / 4));
  }

  /** How many more messages the lane may ask for now. */
  free(lane: Lane): number {
    const free = this.total - this.#held('interactive') - this.#held('bulk');
    if (lane === 'interactive') return Math.max(0, free);
    return Math.max(0, Math.min(free, this.total - this.reserved - this.#held('bulk')));
  }

  /** How many an idle lane keeps asked for, so that its next message arrives at once without starving the other. */
  idleAsk(lane: Lane): number {
    return lane === 'interactive' ? this.reserved : 1;
  }

  asked(lane: Lane): number {
    return this.#asked[lane];
  }

  running(): number {
    return this.#running.interactive + this.#running.bulk;
  }

  ask(lane: Lane, count: number): void {
    this.#asked[lane] += count;
  }

  unask(lane: Lane, count: number): void {
    this.#asked[lane] -= count;
  }

  begin(lane: Lane): void {
    this.#asked[lane] -= 1;
    this.#running[lane] += 1;
  }

  end(lane: Lane): void {
    this.#running[lane] -= 1;
  }

  #held(lane: Lane): number {
    return this.#running[lane] + this.#asked[lane];
  }
}
