import { Kvm, type KV } from '@nats-io/kv';
import type { Bus } from './connection.ts';

/**
 * Deliveries that do not count as attempts. JetStream counts deliveries; an outage of an upstream or a shutdown
 * costs deliveries and must not cost attempts, so the difference is kept, in a NATS bucket that survives a restart.
 * Written only when something went wrong, read only for messages that were delivered before.
 */
export interface AttemptLedger {
  /** Deliveries of this message that did not count. */
  excused(eventId: string): Promise<number>;
  excuse(eventId: string, total: number): Promise<void>;
}

/** Long past any redelivery: a message that waits out an outage is delivered again within minutes. */
const keptMs = 7 * 86_400_000;

export async function openAttemptLedger(bus: Bus, consumer: string): Promise<AttemptLedger> {
  const open = () => new Kvm(bus.js).create('ATTEMPTS', { ttl: keptMs, history: 1 });
  let bucket = await open();
  const key = (eventId: string) => `${consumer}.${eventId}`;
  /** A broker that lost its data has no bucket either: it is made anew, and what it knew counts from zero. */
  const reopening = async <Result>(work: (bucket: KV) => Promise<Result>): Promise<Result> => {
    try {
      return await work(bucket);
    } catch {
      bucket = await open();
      return work(bucket);
    }
  };
  return {
    async excused(eventId) {
      const entry = await reopening((opened) => opened.get(key(eventId)));
      return entry ? Number(entry.string()) : 0;
    },
    async excuse(eventId, total) {
      await reopening((opened) => opened.put(key(eventId), String(total)));
    },
  };
}
