import { setTimeout as delay } from 'node:timers/promises';
import type { Contestant } from './contestant.ts';

export interface Completions {
  /** When a reader saw that the request was completed, as `performance.now()` has it. */
  of(id: string): Promise<number>;
  stop(): void;
}

/**
 * Watches requests as a reader would who asks again and again. Every contestant is asked in the same way, also the one
 * that could tell.
 * @param pollMs pause between two questions, and so about how late a completion is seen.
 */
export function followCompletions({ sql, requests }: Contestant, pollMs: number): Completions {
  const waiting = new Map<string, { resolve: (at: number) => void; reject: (reason: unknown) => void }>();
  let stopped = false;
  const look = async () => {
    // One by one, by the key, in any plan: one that is kept from an empty table would read all requests at each look, and
    // which contestant gets it depends on nothing but the width of its rows.
    const rows = await sql<{ id: string }[]>`
      select waiting.id from unnest(${[...waiting.keys()]}::uuid[]) as waiting (id)
      cross join lateral (select completed_at from ${sql(requests)} r where r.id = waiting.id offset 0) as request
      where completed_at is not null`;
    const now = performance.now();
    for (const { id } of rows) {
      waiting.get(id)?.resolve(now);
      waiting.delete(id);
    }
  };
  const follow = async () => {
    while (!stopped) {
      if (waiting.size > 0) await look();
      await delay(pollMs);
    }
  };
  follow().catch((error: unknown) => {
    stopped = true;
    for (const { reject } of waiting.values()) reject(error);
  });
  return {
    of: (id) =>
      new Promise((resolve, reject) => {
        if (stopped) reject(new Error('Nobody follows completions any more.'));
        else waiting.set(id, { resolve, reject });
      }),
    stop: () => {
      stopped = true;
    },
  };
}
