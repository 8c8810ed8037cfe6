import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stackServices } from '@sluice/embedded';
import { startChild, type Child } from '@sluice/servers';
import type { ServiceName, World } from './world.ts';

/** A second process of every service, beside those of the stack. */
export interface SecondSet {
  kill(service: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

/** As soon as the stack's own are started again that ran for a while. */
const restartMs = 500;

/** Starts a second set, and again each process of it that dies. */
export async function startSecondSet(world: World): Promise<SecondSet> {
  const env = {
    ...world.env,
    ARTIFACTS_DIR: world.stack.info.artifactsFolder,
    HTTP_PORT: '0',
    ACCESS: 'open',
    HEALTH_PORT: '-1',
    LOG_LEVEL: 'info',
  };
  let stopped = false;
  const running = new Map<string, Child>();
  const start = async (name: string, entry: string): Promise<void> => {
    const logFile = path.join(world.folder, `second-${name}.log`);
    const child = await startChild({
      name: `second-${name}`,
      command: process.execPath,
      args: [entry],
      env,
      logFile,
    });
    running.set(name, child);
    void child.exited.then(async () => {
      await delay(restartMs);
      if (!stopped) await start(name, entry);
    });
  };
  for (const { name, entry } of stackServices) await start(name, entry);
  return {
    kill: async (service) => void (await running.get(service)?.kill()),
    async stop() {
      stopped = true;
      await Promise.all([...running.values()].map((child) => child.stop(30_000)));
    },
  };
}
