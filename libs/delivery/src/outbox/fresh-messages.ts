import { markPublished, type OutboxRow } from './outbox.ts';
import type { Sql } from '@sluice/postgres';

/** Messages published in one go; the next go starts as soon as all of them are confirmed. */
const batchMax = 500;
/** Confirmed messages are marked together; those that a crash leaves unmarked are published again, under the same id. */
const markEveryMs = 50;

/** Publishes rows, and returns the positions that the broker confirmed. */
export type PublishRows = (rows: OutboxRow[]) => Promise<number[]>;

/**
 * Publishes messages right after their commit, from memory: reading them back first would cost a transaction and two
 * round trips more. Correctness does not depend on it: a message that it fails to publish is in the outbox, for the sweep.
 */
export class FreshMessages {
  readonly #sql: Sql;
  readonly #publish: PublishRows;
  readonly #waitingMax: number;
  #waiting: OutboxRow[] = [];
  #confirmed: number[] = [];
  #publishing: Promise<void> | undefined;
  #marking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** @param waitingMax messages kept at most; further ones are left to be read back from the table. */
  constructor(sql: Sql, publish: PublishRows, waitingMax: number) {
    this.#sql = sql;
    this.#publish = publish;
    this.#waitingMax = waitingMax;
  }

  /** @returns whether there was room for them. */
  add(rows: OutboxRow[]): boolean {
    if (this.#waiting.length + rows.length > this.#waitingMax) return false;
    for (const row of rows) this.#waiting.push(row);
    this.#publishing ??= this.#publishAll().finally(() => (this.#publishing = undefined));
    return true;
  }

  /** Marks the messages confirmed so far. */
  async mark(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const positions = this.#confirmed.splice(0);
    if (positions.length > 0) {
      // Postgres may be away: then they are published twice, which the broker and every consumer recognise.
      this.#marking = this.#marking.then(() => markPublished(this.#sql, positions)).catch(() => {});
    }
    await this.#marking;
  }

  /** Gives up unpublished messages, and marks the rest. */
  async stop(): Promise<void> {
    this.#waiting = [];
    await this.#publishing;
    await this.mark();
  }

  async #publishAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchMax);
      const confirmed = await this.#publish(batch).catch(() => []);
      this.#confirmed.push(...confirmed);
      this.#timer ??= setTimeout(() => void this.mark(), markEveryMs);
      // The broker is away, or refuses: trying the others would only make them late.
      if (confirmed.length < batch.length) this.#waiting = [];
    }
  }
}
