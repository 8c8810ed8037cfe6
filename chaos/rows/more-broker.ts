import { setTimeout as delay } from 'node:timers/promises';
import { eventsStream } from '@sluice/broker';
import { TcpProxy } from '../tcp-proxy.ts';
import { endedItems, progressed, secondsOf, underLoad, untilItemsEnd, workUntil, type Row } from '../row.ts';
import type { World } from '../world.ts';

/** The services widen a stream that has less room than they want, so they want little here. */
const roomBytes = 1024 ** 2;
const moreRoomBytes = 1024 ** 3;

/** Row 9: the stream is full; unpublished messages wait. */
export const streamFull: Row = {
  number: 9,
  name: 'stream at max_bytes',
  world: { env: { EVENTS_MAX_BYTES: String(roomBytes) } },
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.02);
    // However little work there was: more comes until the stream is full.
    await workUntil(world, async () => (await outboxes(world)) > 0);
    const waiting = await delay(15_000).then(() => outboxes(world));
    await submitted;
    const { config } = await world.bus.jsm.streams.info(eventsStream);
    await world.bus.jsm.streams.update(eventsStream, { ...config, max_bytes: moreRoomBytes });
    return {
      what: `full for 15 s, ${waiting} messages waited in outboxes`,
      recovery: { measuredMs: await untilItemsEnd(world), barMs: 30_000, what: 'until items end again' },
      problems: waiting === 0 ? ['nothing waited in an outbox'] : [],
    };
  },
};

/** Messages that the broker does not take. Others wait for a moment too, until they are marked as published. */
async function outboxes({ sql }: World): Promise<number> {
  const refused = (schema: string) => sql`
    (select count(*)::int from ${sql(schema)}.outbox_waiting join ${sql(schema)}.outbox using (position)
     where created_at < now() - interval '2 seconds')`;
  const [row] = await sql<
    { waiting: number }[]
  >`select ${refused('aggregator')} + ${refused('gateway')} as waiting`;
  return row!.waiting;
}

/** Row 10: every consumer is deleted. */
export const consumersDeleted: Row = {
  number: 10,
  name: 'consumers deleted',
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.2);
    const { jsm } = world.bus;
    const names = await durables(world);
    const before = await endedItems(world);
    await Promise.all(names.map((name) => jsm.consumers.delete(eventsStream, name)));
    const deletedAt = Date.now();
    const missing = async () => {
      const there = await durables(world);
      return names.filter((name) => !there.includes(name));
    };
    let left = await missing();
    while (left.length > 0 && Date.now() < deletedAt + 60_000) {
      await delay(250);
      left = await missing();
    }
    const tookMs = Date.now() - deletedAt;
    await submitted;
    return {
      what: `${names.length} consumers deleted after ${before} items`,
      recovery: { measuredMs: tookMs, barMs: 35_000, what: 'until all are there again' },
      problems: left.map((name) => `${name} was not made anew`),
    };
  },
};

async function durables({ bus }: World): Promise<string[]> {
  const names: string[] = [];
  for await (const { config } of bus.jsm.consumers.list(eventsStream)) {
    if (config.durable_name) names.push(config.durable_name);
  }
  return names;
}

let proxy: TcpProxy;

/** Row 11: connections to the broker go silent without being closed. */
export const halfOpen: Row = {
  number: 11,
  name: 'half-open connections to the broker',
  world: {
    async reroute({ natsUrl }) {
      proxy = await TcpProxy.to(Number(new URL(natsUrl).port));
      return { natsUrl: `nats://127.0.0.1:${proxy.port}`, close: () => proxy.close() };
    },
  },
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.2);
    const frozen = proxy.freeze();
    const frozenAt = Date.now();
    // Messages in the sockets' buffers may still end a few.
    await delay(1_000);
    await progressed(world, await endedItems(world), 1, 90_000);
    const tookMs = Date.now() - frozenAt;
    await submitted;
    return {
      what: `${frozen} connections frozen; new ones work`,
      recovery: { measuredMs: tookMs, barMs: 35_000, what: 'until items end again (noticed after 30 s)' },
      problems: secondsOf(tookMs) < 3 ? ['nothing was held up'] : [],
    };
  },
};
