import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventsStream } from '@sluice/broker';
import { readStream } from '../event-stream.ts';
import { missingForMounts, mountImage, type ImageDisk } from '../mounts.ts';
import { secondsOf, underLoad, untilItemsEnd, type Row } from '../row.ts';
import type { World } from '../world.ts';

const backMaxMs = 15_000;
let disk: ImageDisk;

/** Row 28: the artifact store, a disk of its own, goes away in four ways, one after the other. */
export const storeAway: Row = {
  number: 28,
  name: 'artifact store away',
  missing: missingForMounts,
  world: {
    async mount(folder) {
      const artifacts = path.join(folder, 'artifacts');
      await mkdir(artifacts);
      disk = await mountImage(path.join(folder, 'artifacts.img'), artifacts, 128);
      return () => disk.close();
    },
  },
  async inject(world) {
    const awayMs = world.full ? 120_000 : 20_000;
    const { submitted } = await underLoad(world, world.packages, 0.1);
    const back: Record<string, number> = {};
    const temporary = path.join(world.stack.info.artifactsFolder, 'tmp');
    await rename(temporary, `${temporary}-gone`);
    back['tmp/ removed'] = await untilItemsEnd(world);
    const faults: [string, () => Promise<void>, () => Promise<void>][] = [
      ['not mounted', disk.unmount, disk.mount],
      ['full', disk.fill, disk.makeRoom],
      ['hanging', disk.freeze, disk.thaw],
    ];
    for (const [name, begin, end] of faults) {
      const working = world.load.submit(20);
      await begin();
      await delay(awayMs);
      await end();
      back[name] = await untilItemsEnd(world);
      await working;
    }
    await submitted;
    const slow = Object.entries(back).filter(([, ms]) => ms > backMaxMs);
    return {
      what: `store away for ${secondsOf(awayMs)} s each time; items ended again after: ${Object.entries(back)
        .map(([name, ms]) => `${name} ${secondsOf(ms)} s`)
        .join(', ')}`,
      problems: await lossesOf(world),
      missedBars: slow.map(([name, ms]) => `${name}: back after ${secondsOf(ms)} s`),
    };
  },
};

/** Costs that an outage must not have. */
async function lossesOf({ bus }: World): Promise<string[]> {
  const events = await readStream(bus, eventsStream);
  const counted = events.filter(
    ({ type, data }) => type === 'pkg.attempt-failed' && data['counted'] === true,
  );
  const failed = events.filter(({ type }) => type === 'pkg.failed');
  return [
    ...(counted.length > 0
      ? [`${counted.length} attempts were spent: ${String(counted[0]!.data['detail'])}`]
      : []),
    ...(failed.length > 0 ? [`${failed.length} package versions failed`] : []),
  ];
}
