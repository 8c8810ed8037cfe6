import { stageServices } from '@sluice/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { workUntil, type Row } from '../row.ts';
import type { ServiceName, World } from '../world.ts';

/** Where each service can die, and how often it passes there at least while a run's packages go through. */
const points: Record<string, ServiceName[]> = {
  fetched: ['gateway', ...stageServices, 'aggregator', 'projector'],
  'effect-done': ['gateway', ...stageServices, 'aggregator', 'projector'],
  'before-commit': ['gateway', 'aggregator', 'projector'],
  'after-commit': ['gateway', 'aggregator', 'projector'],
  published: ['gateway', ...stageServices, 'aggregator'],
  acked: [...stageServices, 'aggregator'],
};

/** A stage's messages come back after the ack-wait of 30 s; five more are granted. */
const barMs = 35_000;

/** Row 1: every service dies once at the same point, each at a hit that the seed chooses. */
export const killPoints: Row[] = Object.entries(points).map(([point, services]) => ({
  number: 1,
  name: `kill -9 at "${point}"`,
  async inject(world) {
    const armed: string[] = [];
    for (const service of services) {
      const hit = hitOf(service, world);
      await world.arm(service, `${point}@${hit}`);
      armed.push(`${service} at hit ${hit}`);
    }
    // Services look for their file every 50 ms.
    await delay(200);
    const submitted = world.load.submit(world.packages);
    let lastDeath = 0;
    const alive = new Set(services);
    await workUntil(world, async () => {
      for (const service of alive) {
        if (!(await world.hasFired(service))) continue;
        alive.delete(service);
        lastDeath = Date.now();
      }
      return alive.size === 0;
    });
    await submitted;
    return {
      what: armed.join(', '),
      recovery: { since: lastDeath, barMs, what: 'drained after the last death' },
      problems: [...alive].map((service) => `${service} never came to "${point}"`),
    };
  },
}));

function hitOf(service: ServiceName, { random, packages }: World): number {
  if (service === 'gateway') return random.between(1, 3);
  // These work in batches: as few as these even when everything comes at once.
  if (service === 'aggregator') return random.between(1, 8);
  if (service === 'projector') return random.between(1, 4);
  return random.between(1, Math.ceil(packages / 4));
}
