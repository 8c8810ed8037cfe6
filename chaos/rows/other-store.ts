import { mkdtemp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stackServices } from '@sluice/embedded';
import { startChild } from '@sluice/servers';
import { underLoad, type Row } from '../row.ts';
import type { World } from '../world.ts';

/** A service that has not ended by then works on, in the wrong store. */
const refusedMaxMs = 30_000;

/** Row 36: a second group of services is started in a folder that is another artifact store. */
export const otherStore: Row = {
  number: 36,
  name: 'two groups of services, two artifact folders',
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.1);
    const folder = await mkdtemp(path.join(world.folder, 'other-store-'));
    const starts = await Promise.all(
      stackServices.map(({ name, entry }) => startElsewhere(world, { name, entry, folder })),
    );
    await submitted;
    const accepted = starts.filter(({ isRefused }) => !isRefused).map(({ name }) => name);
    return {
      what: `${starts.length} services with another ARTIFACTS_DIR, ${starts.length - accepted.length} refused`,
      problems: accepted.map((name) => `${name} was not refused`),
    };
  },
};

/** Starts a service beside the stack's own, until it ends or is stopped. */
async function startElsewhere(
  world: World,
  { name, entry, folder }: { name: string; entry: string; folder: string },
): Promise<{ name: string; isRefused: boolean }> {
  const logFile = path.join(world.folder, `other-${name}.log`);
  const child = await startChild({
    name: `other-${name}`,
    command: process.execPath,
    args: [entry],
    env: {
      ...world.env,
      ARTIFACTS_DIR: folder,
      HTTP_PORT: '0',
      GATE_PORT: '0',
      GATE_DIR: path.join(folder, 'gate'),
      ACCESS: 'open',
      HEALTH_PORT: '-1',
      LOG_LEVEL: 'info',
    },
    logFile,
  });
  await Promise.race([child.exited, delay(refusedMaxMs)]);
  await child.stop(10_000);
  return { name, isRefused: (await readFile(logFile, 'utf8')).includes('artifact.another-store') };
}
