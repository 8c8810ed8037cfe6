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
    const rows = await sql<{ id: string }[]>`
      select id from ${sql(requests)} where id = any(${[...waiting.keys()]}::uuid[]) and completed_at is not null`;
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
