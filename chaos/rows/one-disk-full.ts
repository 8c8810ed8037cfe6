import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@sluice/testkit/fakes';
import { missingForMounts, mountMemory, type SmallDisk } from '../mounts.ts';
import { secondsOf, underLoad, type Row } from '../row.ts';
import { serviceNames } from '../world.ts';

const fullMs = 20_000;
let disk: SmallDisk;

/** Row 31: database, broker, artifacts and logs are on one disk, which is full for a while. */
export const oneDiskFull: Row = {
  number: 31,
  name: 'one full disk for everything',
  missing: missingForMounts,
  world: {
    async mount(folder) {
      disk = await mountMemory(folder, 500);
      return () => disk.close();
    },
  },
  async inject(world) {
    const pids = () => Promise.all(serviceNames.map((service) => world.pidOf(service)));
    const before = await pids();
    const { submitted } = await underLoad(world, world.packages, 0.1);
    const working = world.load.submit(20);
    await disk.fill();
    await delay(fullMs);
    await disk.makeRoom();
    const after = await pids();
    // nats-server 2.9 answers no JetStream call after that until it is started again; a service that starts meanwhile waits.
    const restarted = await world.signal('license', 'SIGKILL');
    await waitFor(async () => (await world.pidOf('license')) !== restarted, { timeoutMs: 30_000 });
    const starting = await world.pidOf('license');
    await delay(fullMs / 2);
    const isStillStarting = (await world.pidOf('license')) === starting;
    await world.broker.stop();
    await world.broker.start();
    const since = Date.now();
    await Promise.all([submitted, working]);
    const ended = serviceNames.filter((_, index) => before[index] !== after[index]);
    return {
      what: `a disk of 500 MB, full for ${secondsOf(fullMs)} s; a service was started and the broker started again after`,
      recovery: { since, barMs: 60_000, what: 'drained after space and a restart of the broker' },
      problems: [
        ...(ended.length > 0 ? [`ended: ${ended.join(', ')}`] : []),
        ...(isStillStarting ? [] : ['a service that started without JetStream ended']),
      ],
    };
  },
};
