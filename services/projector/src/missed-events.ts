import { askToRepublish, streamLosses } from '@sluice/delivery';
import { streamIdentity, type Bus } from '@sluice/broker';
import type { ApplyDeps, Checkpoint } from './apply.ts';

/** The services whose events make the read models, and that keep them in an outbox. */
const publishers = ['gateway', 'importer', 'notifier', 'aggregator'];
const watcher = 'projector';
streamLosses.inc({ watcher }, 0);

/**
 * Events that were removed from the stream before they were read: by a purge, lowered limits or age. They are published
 * again and come at the end of the stream. Facts of the stages are not among them; verdicts are.
 */
export class MissedEvents {
  readonly #bus: Bus;
  readonly #log: ApplyDeps['log'];
  /** Events that are missing up to here come again already: a stream that grows old while it is read is asked for once. */
  #fetched = { epoch: 0, upTo: 0 };

  constructor(bus: Bus, { log }: Pick<ApplyDeps, 'log'>) {
    this.#bus = bus;
    this.#log = log;
  }

  /**
   * Whether events after the checkpoint are gone that were not asked for yet.
   * @param next the first sequence after the checkpoint that is there.
   */
  areBefore(next: number, { epoch, sequence }: Checkpoint): boolean {
    const fetchedUpTo = this.#fetched.epoch === epoch ? this.#fetched.upTo : 0;
    // Before the first event is read, the beginning of the stream may have grown old: that is no loss.
    return sequence > 0 && next > Math.max(sequence, fetchedUpTo) + 1;
  }

  /**
   * Has the missing events published again.
   * @throws TransientError when a service that has them is away; nothing after the gap is applied until it is back.
   */
  async fetch(next: number, { epoch, sequence }: Checkpoint): Promise<void> {
    const { lastSequence } = await streamIdentity(this.#bus);
    const messages = await askToRepublish(this.#bus, publishers);
    this.#fetched = { epoch, upTo: lastSequence };
    streamLosses.inc({ watcher });
    this.#log.error(
      { missed: next - sequence - 1, messages },
      'events were removed from the stream before they were read; they are published again',
    );
  }
}
