import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { natsKeyFile } from '@sluice/rights';
import { quiesce } from '../quiesce.ts';
import { secondsOf, workUntil, type Row } from '../row.ts';
import type { World } from '../world.ts';

const cli = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));

/** Row 22: the projector dies in the middle of a batch, with rows written and the transaction open. */
export const projectorDies: Row = {
  number: 22,
  name: 'projector dies in mid-batch',
  async inject(world) {
    const deaths = 3;
    const problems: string[] = [];
    for (let death = 0; death < deaths; death += 1) {
      await world.pidOf('projector');
      await world.arm(
        'projector',
        `${world.random.pick(['effect-done', 'before-commit'])}@${world.random.between(1, 4)}`,
      );
      const submitted = world.load.submit(Math.ceil(world.packages / deaths));
      await workUntil(world, () => world.hasFired('projector'));
      const [row] = await world.sql<{ checkpoint: number; newest: number }[]>`
        select (select sequence from read.checkpoint) as checkpoint,
          (select coalesce(max(sequence), 0) from read.timeline) as newest`;
      if (row!.newest > row!.checkpoint)
        problems.push(`rows up to ${row!.newest}, checkpoint ${row!.checkpoint}`);
      await submitted;
    }
    return { what: `${deaths} deaths with a batch in hand`, problems };
  },
};

/** As an operator does it: in a process of its own, which leaves the reader of this one its time. */
async function rebuildByCommand({ env, stack }: World): Promise<{ events: number; durationMs: number }> {
  const { natsUrl, natsKeysFolder, databaseUrl, artifactsFolder } = stack.info;
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'projection', 'rebuild', '--json'], {
    env: {
      ...env,
      NATS_URL: natsUrl,
      NATS_NKEY_FILE: natsKeyFile(natsKeysFolder!, 'cli'),
      DATABASE_URL: databaseUrl,
      ARTIFACTS_DIR: artifactsFolder,
    },
  });
  return JSON.parse(stdout) as { events: number; durationMs: number };
}

/** Row 23: the read models are built anew and swapped while work comes in and people read. */
export const rebuildWhileLive: Row = {
  number: 23,
  name: 'rebuild while live',
  async inject(world) {
    const each = Math.ceil(world.packages / 2);
    const calm = await readsDuring(world, async () => {
      await world.load.submit(each);
      await quiesce(world, 240_000);
    });
    let rebuilt = { events: 0, durationMs: 0 };
    const busy = await readsDuring(world, async () => {
      const submitted = world.load.submit(each);
      rebuilt = await rebuildByCommand(world);
      await submitted;
      await quiesce(world, 240_000);
    });
    const problems = [...calm.failed, ...busy.failed].map((status) => `a read was answered ${status}`);
    return {
      what: `${rebuilt.events} events in ${secondsOf(rebuilt.durationMs)} s; p95 of ${busy.count} reads ${Math.round(busy.p95)} ms, without ${Math.round(calm.p95)} ms`,
      problems,
      missedBars: busy.p95 > calm.p95 * 2 ? ['p95 of reads more than doubled'] : [],
    };
  },
};

/** Reads a page of requests again and again while something happens. */
async function readsDuring(
  { stack }: World,
  work: () => Promise<void>,
): Promise<{ p95: number; count: number; failed: string[] }> {
  const times: number[] = [];
  const failed: string[] = [];
  let done = false;
  const reading = (async () => {
    while (!done) {
      const started = performance.now();
      const response = await fetch(`${stack.info.apiUrl}/v1/requests`).catch(() => null);
      await response?.arrayBuffer();
      times.push(performance.now() - started);
      if (response?.status !== 200) failed.push(String(response?.status ?? 'not at all'));
      await delay(20);
    }
  })();
  await work().finally(() => (done = true));
  await reading;
  times.sort((a, b) => a - b);
  return { p95: times[Math.floor(times.length * 0.95)] ?? 0, count: times.length, failed };
}
