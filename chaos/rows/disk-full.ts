import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startChild, type Child } from '@sluice/servers';
import { waitFor } from '@sluice/testkit/fakes';
import { Broker } from '../broker.ts';
import { secondsOf, underLoad, untilItemsEnd, type Row } from '../row.ts';
import type { World } from '../world.ts';

const run = promisify(execFile);
let disk: Child;

/** Runs a command where the small disk is mounted. */
const inside = (...command: string[]) => run('nsenter', ['-t', String(disk.pid), '-m', ...command]);

/** Row 8: the broker's disk, 64 MB of memory in a mount namespace of its own, is full. */
export const diskFull: Row = {
  number: 8,
  name: 'broker disk full',
  missing: () =>
    run('unshare', ['-m', 'nsenter', '--version']).then(
      () => null,
      () => 'a mount namespace cannot be made; it takes root, and util-linux with unshare and nsenter',
    ),
  world: {
    async makeBroker(options) {
      const store = path.join(options.folder, 'jetstream');
      await mkdir(store, { recursive: true });
      disk = await startChild({
        name: 'small-disk',
        command: 'unshare',
        args: ['-m', 'sh', '-c', 'mount -t tmpfs -o size=64m tmpfs "$0" && exec sleep 3600', store],
        env: { PATH: process.env['PATH'] },
        logFile: path.join(options.folder, 'disk.log'),
        ...(options.records ? { records: options.records } : {}),
      });
      await waitFor(async () => (await inside('df', '--output=fstype', store)).stdout.includes('tmpfs'));
      const wrapper = path.join(options.folder, 'nats-server-on-small-disk');
      await writeFile(wrapper, `#!/bin/sh\nexec nsenter -t ${disk.pid} -m '${options.binary}' "$@"\n`);
      await chmod(wrapper, 0o755);
      const broker = new Broker({ ...options, binary: wrapper });
      broker.onClose = async () => void (await disk.kill());
      return broker;
    },
  },
  async inject(world) {
    const filler = path.join(world.folder, 'nats', 'jetstream', 'filler');
    const { submitted } = await underLoad(world, world.packages, 0.1);
    // dd ends with an error when nothing more fits, which is the point.
    await inside('dd', 'if=/dev/zero', `of=${filler}`, 'bs=64k').catch(() => {});
    const refusedMs = await untilRefused(world);
    // Something has to wait for an alarm to go off.
    const working = world.load.submit(10);
    const alarmMs = await untilAlarm(world);
    await Promise.all([submitted, working]);
    await inside('rm', filler);
    await world.broker.stop();
    await world.broker.start();
    const backMs = await untilItemsEnd(world);
    const { stdout } = await inside('df', '-h', path.dirname(filler));
    return {
      what: `full disk of 64 MB; a publish failed after ${secondsOf(refusedMs)} s, sluice_outbox_oldest_age_seconds rose after ${secondsOf(alarmMs)} s`,
      recovery: {
        measuredMs: backMs,
        barMs: 30_000,
        what: 'until items end again, after space and restart',
      },
      problems: [
        ...(refusedMs > 6_000 ? ['publishes hang'] : []),
        ...(alarmMs > 30_000 ? ['no alarm in 30 s'] : []),
        ...(stdout.includes('tmpfs') ? [] : ['the disk was not the small one']),
      ],
    };
  },
};

/** How long one publish takes to fail, once they do; the broker may say nothing, and then it is the client's timeout. */
async function untilRefused({ bus }: World): Promise<number> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const started = Date.now();
    try {
      await bus.js.publish('project.chaos', new Uint8Array(32 * 1024), { timeout: 5_000 });
    } catch {
      return Date.now() - started;
    }
  }
  return Infinity;
}

/** How long until a service says that its outbox waits: the gateway, or the aggregator while it has work to hand out. */
async function untilAlarm({ stack }: World): Promise<number> {
  const started = Date.now();
  while (Date.now() < started + 60_000) {
    const ages = await Promise.all(
      ['gateway', 'aggregator'].map((service) => outboxAge(stack.info.health[service]!)),
    );
    if (Math.max(...ages) > 1) return Date.now() - started;
    await delay(250);
  }
  return Infinity;
}

async function outboxAge(health: string): Promise<number> {
  const text = await (await fetch(`${health}/metrics`)).text();
  return Number(/^sluice_outbox_oldest_age_seconds\{[^}]*\} ([\d.]+)/m.exec(text)?.[1] ?? 0);
}
