import type { Sql } from '@sluice/postgres';
import { newestPosition, stageResults } from '../queries/timeline.ts';

/** Time that rates are reckoned over. */
const windowMs = 60_000;

/**
 * How many results each stage gives a second, over the last minute. The facts are counted and not the broker's
 * deliveries: a stage that fails and tries again is delivered to all the time and gets nowhere.
 */
export class StageThroughput {
  readonly #read: Sql;
  #position: number | null = null;
  #since = 0;
  #looks: { at: number; results: Map<string, number> }[] = [];

  constructor(read: Sql) {
    this.#read = read;
  }

  /** Counts results since the last look. To be called every few seconds. */
  async look(now = Date.now()): Promise<void> {
    const newest = await newestPosition(this.#read);
    if (this.#position === null) {
      this.#since = now;
    } else {
      const rows = await stageResults(this.#read, this.#position, newest, windowMs / 1000);
      this.#looks.push({
        at: now,
        results: new Map(rows.map(({ stage, lane, count }) => [`${stage}/${lane}`, count])),
      });
    }
    this.#position = newest;
    this.#looks = this.#looks.filter(({ at }) => at > now - windowMs);
  }

  /** Results a second; null before there are two looks to compare. */
  rate(stage: string, lane: string): number | null {
    const last = this.#looks.at(-1);
    if (!last) return null;
    const seconds = Math.min(windowMs, last.at - this.#since) / 1000;
    if (seconds <= 0) return null;
    const results = this.#looks.reduce(
      (total, look) => total + (look.results.get(`${stage}/${lane}`) ?? 0),
      0,
    );
    return results / seconds;
  }
}
