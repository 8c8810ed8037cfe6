import { setTimeout as delay } from 'node:timers/promises';
import type { Row } from '../row.ts';
import type { ServiceName } from '../world.ts';

/** Where each service dies while batches go through. */
const points: Record<string, ServiceName[]> = {
  fetched: ['gateway', 'importer'],
  'effect-done': ['gateway', 'importer'],
  'before-commit': ['gateway', 'importer', 'aggregator'],
  'after-commit': ['gateway', 'importer', 'aggregator'],
  published: ['gateway', 'importer', 'aggregator'],
};

/** A message of a service that died comes back after the ack-wait of 30 s; five more are granted. */
const barMs = 35_000;
/** Batches at a time, so that a death is in the middle of several. */
const batchesMax = 4;

/** Row 40: every service that makes or ends batches dies at the same point while several go through. */
export const batchesKilled: Row[] = Object.entries(points).map(([point, services]) => ({
  number: 40,
  name: `kill -9 at "${point}" in the middle of batches`,
  async inject(world) {
    const armed: string[] = [];
    for (const service of services) {
      const hit = service === 'importer' ? 1 : world.random.between(1, 3);
      await world.arm(service, `${point}@${hit}`);
      armed.push(`${service} at hit ${hit}`);
    }
    // Services look for their file every 50 ms.
    await delay(200);
    const alive = new Set(services);
    const deadline = Date.now() + 60_000;
    const packages = Math.ceil(world.packages / batchesMax);
    const submitted: Promise<void>[] = [];
    let lastDeath = 0;
    while (alive.size > 0 && Date.now() < deadline) {
      const isFirst = submitted.length === 0;
      for (let count = 0; count < (isFirst ? batchesMax : 1); count += 1)
        submitted.push(world.load.submitBatch(isFirst ? packages : 2));
      await delay(500);
      for (const service of alive) {
        if (!(await world.hasFired(service))) continue;
        alive.delete(service);
        lastDeath = Date.now();
      }
    }
    await Promise.all(submitted);
    return {
      what: armed.join(', '),
      recovery: { since: lastDeath, barMs, what: 'drained after the last death' },
      problems: [...alive].map((service) => `${service} never came to "${point}"`),
    };
  },
}));
