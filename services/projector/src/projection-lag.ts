import { storedAfter, streamIdentity, type Bus } from '@sluice/broker';
import { Gauge } from 'prom-client';

/** Lag of the read models: updated by each look, exposed at each scrape. */
const known: { applied: number; last: number; oldest: { sequence: number; storedAt: Date } | null } = {
  applied: 0,
  last: 0,
  oldest: null,
};

export const projectionMetrics = {
  lagEvents: new Gauge({
    name: 'sluice_projector_lag_events',
    help: 'Events in the stream that are not projected yet.',
    collect() {
      this.set(Math.max(0, known.last - known.applied));
    },
  }),
  lagSeconds: new Gauge({
    name: 'sluice_projector_lag_seconds',
    help: 'Age of the oldest event that is not projected yet; it grows also while nothing can be projected.',
    collect() {
      this.set(lagSeconds(new Date()));
    },
  }),
  active: new Gauge({
    name: 'sluice_projector_active',
    help: '1 while this process projects, 0 while it stands by; of all replicas one projects.',
  }),
};

/** Says that everything up to a sequence is projected. */
export function noteApplied(sequence: number): void {
  known.applied = sequence;
}

/** Reads the last sequence of the stream, and the age of the next message to apply. @throws when the broker is away. */
export async function lookAtStream(bus: Bus): Promise<void> {
  const { lastSequence } = await streamIdentity(bus);
  known.last = lastSequence;
  const applied = known.applied;
  const storedAt = applied < lastSequence ? await storedAfter(bus, applied) : null;
  known.oldest = storedAt && { sequence: applied + 1, storedAt };
}

/** Age of the oldest event that is not projected, as far as the last look tells. */
export function lagSeconds(now: Date): number {
  const { oldest, applied } = known;
  if (!oldest || oldest.sequence <= applied) return 0;
  return Math.max(0, (now.getTime() - oldest.storedAt.getTime()) / 1000);
}
