import { setTimeout as delay } from 'node:timers/promises';
import { endedItems, progressed, underLoad, type Row } from '../row.ts';

/** Row 12: Postgres is killed in the middle of commits, three times. */
export const databaseKilled: Row = {
  number: 12,
  name: 'Postgres killed in mid-commit',
  async inject(world) {
    const kills = 3;
    let slowest = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const { submitted } = await underLoad(world, Math.ceil(world.packages / kills));
      await delay(world.random.between(0, 300));
      await world.database.kill();
      await world.database.start();
      const backAt = Date.now();
      const ended = await endedItems(world);
      await progressed(world, ended, 1);
      slowest = Math.max(slowest, Date.now() - backAt);
      await submitted;
    }
    return {
      what: `${kills} kills of the postmaster under load`,
      recovery: { measuredMs: slowest, barMs: 30_000, what: 'slowest until items end again' },
    };
  },
};
