import { openBucket } from './bucket.ts';
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
  const bucket = await openBucket(bus, 'ATTEMPTS', { ttl: keptMs });
  const key = (eventId: string) => `${consumer}.${eventId}`;
  return {
    async excused(eventId) {
      const entry = await bucket.use((opened) => opened.get(key(eventId)));
      return entry ? Number(entry.string()) : 0;
    },
    async excuse(eventId, total) {
      await bucket.use((opened) => opened.put(key(eventId), String(total)));
    },
  };
}
