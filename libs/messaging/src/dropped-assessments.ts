import { Kvm } from '@nats-io/kv';
import type { Bus } from './connection.ts';

/**
 * Assessments that nobody waits for any more. The aggregator writes them down, every stage watches: messages of a
 * dropped assessment are acked without work. Best effort by design; whatever a stage does all the same is ignored.
 */
export interface DroppedAssessments {
  add: (assessmentIds: string[]) => Promise<void>;
}

/** Longer than any queue lasts. */
const keptMs = 24 * 3_600_000;
const bucketName = 'DROPPED';

async function openBucket(bus: Bus) {
  return new Kvm(bus.js).create(bucketName, { ttl: keptMs, history: 1 });
}

export async function openDroppedAssessments(bus: Bus): Promise<DroppedAssessments> {
  const bucket = await openBucket(bus);
  return {
    async add(assessmentIds) {
      await Promise.all(assessmentIds.map((id) => bucket.put(id, '1')));
    },
  };
}

/** What a stage needs to know: whether an assessment was dropped. */
export interface DroppedWatch {
  has(assessmentId: string): boolean;
  stop(): void;
}

/** Keeps the set of dropped assessments up to date; small, because people cancel seldom and entries end by themselves. */
export async function watchDroppedAssessments(bus: Bus): Promise<DroppedWatch> {
  const bucket = await openBucket(bus);
  const dropped = new Map<string, number>();
  const updates = await bucket.watch();
  void (async () => {
    for await (const { key } of updates) {
      const now = Date.now();
      dropped.set(key, now);
      for (const [oldest, at] of dropped) {
        if (now - at < keptMs) break;
        dropped.delete(oldest);
      }
    }
  })();
  return { has: (assessmentId) => dropped.has(assessmentId), stop: () => updates.stop() };
}
