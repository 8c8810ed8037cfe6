import { setTimeout as delay } from 'node:timers/promises';
import { secondsOf, type Row } from '../row.ts';
import { startSecondSet } from '../second-set.ts';
import { serviceNames } from '../world.ts';
import { feed } from './kills.ts';

const durationMs = 60_000;
/** 48 a minute. */
const meanMs = 1_250;

/** Row 32: two of every service, and a kill every 1.25 s on average. */
export const twoOfEach: Row = {
  number: 32,
  name: 'two of every service, 48 kills a minute',
  async inject(world) {
    const second = await startSecondSet(world);
    try {
      const until = Date.now() + durationMs;
      const waves = feed(world, until);
      let kills = 0;
      while (Date.now() < until) {
        await delay(world.random.exponential(meanMs));
        const victim = world.random.pick(serviceNames);
        if (world.random.next() < 0.5) await second.kill(victim);
        else await world.signal(victim, 'SIGKILL').catch(() => 0);
        kills += 1;
      }
      const over = Date.now();
      await waves;
      return {
        what: `${kills} kills in ${secondsOf(durationMs)} s`,
        recovery: { since: over, barMs: 60_000, what: 'drained after the kills' },
        problems: kills === 0 ? ['nobody was killed'] : [],
      };
    } finally {
      // The first set drains what is left.
      await second.stop();
    }
  },
};
