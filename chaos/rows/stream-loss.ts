import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { eventsStream } from '@sluice/broker';
import { waitFor } from '@sluice/testkit/fakes';
import { progressed, endedItems, secondsOf, underLoad, type Row } from '../row.ts';
import type { World } from '../world.ts';

/** Longer than a pull stays open: what comes then waits at the broker, and not in a socket of the stopped process. */
const stoppedMs = 26_000;
const noticedMaxMs = 30_000;

/** Row 29: the stream is purged before requests are taken in, and then loses its oldest to a limit that was lowered. */
export const streamLoss: Row = {
  number: 29,
  name: 'stream purged, max_msgs lowered',
  async inject(world) {
    world.expectations.streamLost = true;
    const half = Math.ceil(world.packages / 2);
    await (
      await underLoad(world, half, 0.2)
    ).submitted;
    await world.signal('aggregator', 'SIGSTOP');
    await delay(stoppedMs);
    const before = (
      await world.sql<{ count: number }[]>`select count(*)::int as count from aggregator.requests`
    )[0]!;
    await world.load.submit(half);
    await world.bus.jsm.streams.purge(eventsStream);
    await world.signal('aggregator', 'SIGCONT');
    const purgeMs = await noticed(world, 'the broker lost data', Date.now());

    await progressed(world, await endedItems(world), 1);
    const { config, state } = await world.bus.jsm.streams.info(eventsStream);
    const lowered = { ...config, max_msgs: Math.max(1, Math.floor(state.messages / 2)) };
    await world.bus.jsm.streams.update(eventsStream, lowered);
    const loweredAt = Date.now();
    const { submitted } = await underLoad(world, 10, 0);
    const limitMs = await noticed(world, `limits of ${eventsStream} were lowered`, loweredAt);
    await submitted;
    const now = (await world.bus.jsm.streams.info(eventsStream)).config;
    const slowest = Math.max(purgeMs, limitMs);
    return {
      what: `purged with ${half} package versions not taken in beside ${before.count} requests, noticed after ${secondsOf(purgeMs)} s; max_msgs ${lowered.max_msgs}, put back after ${secondsOf(limitMs)} s`,
      recovery: { measuredMs: slowest, barMs: noticedMaxMs, what: 'until it is noticed' },
      problems: now.max_msgs === -1 ? [] : [`max_msgs is ${now.max_msgs}`],
    };
  },
};

/** Waits until the log of the aggregator or the gateway says something. @returns how long that took. */
async function noticed({ stack }: World, text: string, since: number): Promise<number> {
  const logs = [stack.info.logs['aggregator']!, stack.info.logs['gateway']!];
  await waitFor(
    async () =>
      (await Promise.all(logs.map((log) => readFile(log, 'utf8')))).some((log) => log.includes(text)),
    { timeoutMs: 4 * noticedMaxMs, what: text },
  );
  return Date.now() - since;
}
