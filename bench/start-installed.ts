import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { killStack, readRunning, stateFolder, type RunInfo } from '@sluice/embedded';
import { logTail, startChild } from '@sluice/servers';
import type { Scratch } from './scratch.ts';

export interface Installed {
  info: RunInfo;
  /** From the command to the answer that all services are ready. */
  readyMs: number;
  stop: () => Promise<void>;
}

const command = fileURLToPath(new URL('../../deploy/embedded/start.mjs', import.meta.url));
const pollMs = 10;

/**
 * `npm start` as people run it: all services in one process, with logs and traces as they come, in a state folder of
 * its own. Only the import of advisories is off: it would download for minutes.
 */
export async function startInstalled(scratch: Scratch, natsServer: string | undefined): Promise<Installed> {
  const folder = path.join(scratch.folder, 'state');
  const logFile = path.join(scratch.folder, 'start.log');
  const env = {
    ...process.env,
    ADVISORIES_URL: 'off',
    ...(natsServer ? { SLUICE_NATS_SERVER: natsServer } : {}),
  };
  const started = performance.now();
  const child = await startChild({
    name: 'npm start',
    command: process.execPath,
    args: [command, 'up', '--open', '--state', folder],
    env,
    logFile,
    records: scratch.records,
  });
  let stopped: Promise<unknown> | undefined;
  const stop = async () => void (await (stopped ??= child.stop(30_000)));
  scratch.onClose(() => killStack(folder));
  scratch.onClose(stop);
  for (;;) {
    const info = await readRunning(stateFolder(folder));
    if (info?.state === 'ready') return { info, readyMs: performance.now() - started, stop };
    if (child.exit() !== null) throw new Error(`npm start ended: ${await logTail(logFile)}`);
    await delay(pollMs);
  }
}
