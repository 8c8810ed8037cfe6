import { setTimeout as delay } from 'node:timers/promises';
import { stackServices } from '@sluice/embedded';
import { startChild } from '@sluice/servers';
import path from 'node:path';
import { purlOf } from '../load.ts';
import { progressed, endedItems, secondsOf, type Row } from '../row.ts';
import type { World } from '../world.ts';

/** Twice the ack-wait of a stage. */
const pausedMs = 60_000;

/** Row 3: a worker stands still with messages in its hands, while a replica goes on; then it wakes up. */
export const workerPaused: Row = {
  number: 3,
  name: 'worker paused twice its ack-wait',
  async inject(world) {
    const replica = await startReplica(world);
    try {
      const names = world.load.publish(world.packages);
      // Slow enough that the worker surely has something in its hands.
      for (const name of names.slice(0, 60)) {
        const { tarballPath } = world.load.published.get(purlOf(name))!;
        world.registry.fail(tarballPath, { delayMs: 2_000, times: 1 });
      }
      const submitted = world.load.submit(names.length, { names });
      await progressed(world, await endedItems(world), 1);
      const pid = await world.signal('downloader', 'SIGSTOP');
      await delay(pausedMs);
      const [meanwhile] = await world.sql<{ running: number }[]>`
        select count(*)::int as running from aggregator.assessments where state = 'running'`;
      process.kill(pid, 'SIGCONT');
      await submitted;
      return {
        what: `one of two downloaders stopped for ${secondsOf(pausedMs)} s`,
        problems: meanwhile!.running > 0 ? [`${meanwhile!.running} assessments waited for it`] : [],
      };
    } finally {
      await replica.stop(15_000);
    }
  },
};

function startReplica({ env, stack, folder }: World) {
  const { entry } = stackServices.find(({ name }) => name === 'downloader')!;
  return startChild({
    name: 'downloader-2',
    command: process.execPath,
    args: [entry],
    env: {
      ...env,
      ARTIFACTS_DIR: stack.info.artifactsFolder,
      INSTANCE: 'replica',
      SLUICE_FAILPOINT_FOLDER: '',
    },
    logFile: path.join(folder, 'downloader-2.log'),
  });
}
