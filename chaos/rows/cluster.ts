import { setTimeout as delay } from 'node:timers/promises';
import { eventsStream } from '@sluice/messaging';
import { waitFor } from '@sluice/testkit/fakes';
import { ClusterBroker } from '../cluster-broker.ts';
import { secondsOf, underLoad, untilItemsEnd, type Row } from '../row.ts';
import type { World } from '../world.ts';

const quorumLostMs = 10_000;
/** Twice the room that the settings say: what an operator gave by hand. */
const roomByHand = 40 * 1024 ** 3;

/** Row 35: a cluster of three loses its leader, is restarted node by node, and loses its quorum. */
export const clusterInTrouble: Row = {
  number: 35,
  name: 'three-node broker: leader killed, rolling restart, quorum lost',
  world: {
    env: { NATS_REPLICAS: '3' },
    makeBroker: async (options) => new ClusterBroker(options),
  },
  async inject(world) {
    const broker = world.broker as ClusterBroker;
    const third = Math.ceil(world.packages / 3);
    const { config } = await world.bus.jsm.streams.info(eventsStream);
    await world.bus.jsm.streams.update(eventsStream, { ...config, max_bytes: roomByHand });

    const first = await underLoad(world, third, 0.1);
    const leader = await broker.leader(world.bus);
    await leader.kill();
    const leaderMs = await untilNewWorkEnds(world);
    await leader.start();
    await first.submitted;

    const second = await underLoad(world, third, 0.1);
    for (const node of broker.nodes) {
      await allCurrent(world);
      await node.stop();
      await node.start();
    }
    await allCurrent(world);
    const rollingMs = await untilNewWorkEnds(world);
    await second.submitted;

    const last = await underLoad(world, third, 0.1);
    const [one, two] = broker.nodes as [(typeof broker.nodes)[0], (typeof broker.nodes)[0]];
    await Promise.all([one.kill(), two.kill()]);
    await delay(quorumLostMs);
    await Promise.all([one.start(), two.start()]);
    const quorumMs = await untilNewWorkEnds(world);
    await last.submitted;

    // Every service says at its start what it wants of the streams.
    await world.signal('aggregator', 'SIGKILL');
    await untilItemsEnd(world);
    await allCurrent(world);
    const { config: now } = await world.bus.jsm.streams.info(eventsStream);
    const wrong = now.num_replicas !== 3 || now.max_bytes !== roomByHand;
    return {
      what: `new work ended ${secondsOf(leaderMs)} s after the leader was killed, ${secondsOf(rollingMs)} s after three restarts, ${secondsOf(quorumMs)} s after two nodes were away for ${secondsOf(quorumLostMs)} s`,
      recovery: {
        measuredMs: Math.max(leaderMs, rollingMs, quorumMs),
        barMs: 10_000,
        what: 'until new work ends',
      },
      problems: wrong ? [`EVENTS has ${now.num_replicas} copies and ${now.max_bytes} bytes`] : [],
    };
  },
};

/** Submits a request, and waits until its items end: whatever was on its way before says nothing. @returns the time. */
async function untilNewWorkEnds({ load, sql }: World): Promise<number> {
  const started = Date.now();
  const accepted = await load.submitOne(load.publish(2));
  await waitFor(
    async () => {
      const items = await sql<{ outcome: string | null }[]>`
        select outcome from aggregator.items where request_id = ${accepted!.requestId}`;
      return items.length > 0 && items.every(({ outcome }) => outcome !== null);
    },
    { timeoutMs: 120_000, what: 'new work to end' },
  );
  return Date.now() - started;
}

/** Waits until each copy of the event stream is current. */
async function allCurrent({ bus }: World): Promise<void> {
  await waitFor(
    async () => {
      const { cluster } = await bus.jsm.streams.info(eventsStream);
      const copies = cluster?.replicas ?? [];
      return copies.length === 2 && copies.every(({ current, offline }) => current && !offline);
    },
    { timeoutMs: 60_000, what: 'every copy to be current' },
  );
}
