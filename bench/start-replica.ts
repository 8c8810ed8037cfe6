import path from 'node:path';
import { natsKeyFile } from '@sluice/rights';
import { freePort, startChild } from '@sluice/servers';
import { waitFor } from '@sluice/testkit/fakes';
import { stageEntry, type Sluice } from './start-sluice.ts';

let replicas = 0;

/** Starts another process of a stage without work beside a running stack; it ends with the stack. @returns its process id. */
export async function startReplica(
  { env, stack, scratch }: Sluice,
  stage: string,
  settings: { concurrency: number; waitMs: number },
): Promise<number> {
  const name = `${stage}-${(replicas += 1)}`;
  const port = await freePort();
  const child = await startChild({
    name,
    command: process.execPath,
    args: [stageEntry(stage)],
    env: {
      ...env,
      NATS_URL: stack.info.natsUrl,
      NATS_NKEY_FILE: natsKeyFile(stack.info.natsKeysFolder!, stage),
      HEALTH_HOST: '127.0.0.1',
      HEALTH_PORT: String(port),
      BENCH_CONCURRENCY: String(settings.concurrency),
      BENCH_WAIT_MS: String(settings.waitMs),
    },
    logFile: path.join(scratch.folder, `${name}.log`),
    records: scratch.records,
  });
  scratch.onClose(() => child.stop(15_000));
  await waitFor(
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      await response.arrayBuffer();
      return response.ok;
    },
    { what: name, timeoutMs: 30_000 },
  );
  return child.pid;
}
