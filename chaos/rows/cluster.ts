import { setTimeout as delay } from 'node:timers/promises';
import { eventsStream } from '@sluice/broker';
import { waitFor } from '@sluice/testkit/fakes';
import { ClusterBroker } from '../cluster-broker.ts';
import { endedItems, secondsOf, underLoad, untilItemsEnd, type Row } from '../row.ts';
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
    const withoutLeader = await progressUntilNewWorkEnds(world);
    await leader.start();
    await first.submitted;

    const second = await underLoad(world, third, 0.1);
    await allHealthy(broker);
    const rolling = await progressUntilNewWorkEnds(world, async () => {
      for (const node of broker.nodes) {
        await node.stop();
        await node.start();
        await allHealthy(broker);
      }
    });
    await allCurrent(world);
    await second.submitted;

    const last = await underLoad(world, third, 0.1);
    const [one, two] = broker.nodes as [(typeof broker.nodes)[0], (typeof broker.nodes)[0]];
    await Promise.all([one.kill(), two.kill()]);
    await delay(quorumLostMs);
    await Promise.all([one.start(), two.start()]);
    const withQuorum = await progressUntilNewWorkEnds(world);
    await last.submitted;

    // Every service says at its start what it wants of the streams.
    await world.signal('aggregator', 'SIGKILL');
    await untilItemsEnd(world);
    await allCurrent(world);
    const { config: now } = await world.bus.jsm.streams.info(eventsStream);
    const wrong = now.num_replicas !== 3 || now.max_bytes !== roomByHand;
    const all = [withoutLeader, rolling, withQuorum];
    const seconds = (measure: (progress: Progress) => number) =>
      all.map((progress) => secondsOf(measure(progress))).join(', ');
    return {
      what: `leader killed, three restarts, two nodes away for ${secondsOf(quorumLostMs)} s: no item ended for ${seconds(({ gapMs }) => gapMs)} s at most, new work ended after ${seconds(({ newWorkMs }) => newWorkMs)} s`,
      recovery: {
        measuredMs: Math.max(...all.map(({ gapMs }) => gapMs)),
        barMs: 10_000,
        what: 'longest time without an end of an item',
      },
      problems: wrong ? [`EVENTS has ${now.num_replicas} copies and ${now.max_bytes} bytes`] : [],
    };
  },
};

interface Progress {
  /** The longest time between two ends of items, from the fault until new work has ended. */
  gapMs: number;
  /** From the end of the fault until a request that was submitted then has ended. */
  newWorkMs: number;
}

/**
 * Submits two packages twice a second, measures the times between ends of items during a fault and after it, and
 * stops when a request that was submitted after the fault has ended.
 */
async function progressUntilNewWorkEnds(
  world: World,
  fault: () => Promise<void> = () => Promise.resolve(),
): Promise<Progress> {
  const { load } = world;
  const submitted: Promise<unknown>[] = [];
  const trickle = setInterval(() => submitted.push(load.submitOne(load.publish(2))), 500);
  let gapMs = 0;
  let ended = await endedItems(world);
  let endedAt = Date.now();
  const watch = setInterval(() => {
    void endedItems(world).then((now) => {
      gapMs = Math.max(gapMs, Date.now() - endedAt);
      if (now > ended) endedAt = Date.now();
      ended = now;
    });
  }, 100);
  try {
    await fault();
    const faultEndedAt = Date.now();
    const accepted = await load.submitOne(load.publish(2));
    await waitFor(async () => hasEnded(world, accepted!.requestId), {
      timeoutMs: 120_000,
      what: 'new work to end',
    });
    return { gapMs, newWorkMs: Date.now() - faultEndedAt };
  } finally {
    clearInterval(trickle);
    clearInterval(watch);
    await Promise.all(submitted);
  }
}

async function hasEnded({ sql }: World, requestId: string): Promise<boolean> {
  const items = await sql<{ outcome: string | null }[]>`
    select outcome from aggregator.items where request_id = ${requestId}`;
  return items.length > 0 && items.every(({ outcome }) => outcome !== null);
}

/**
 * Waits until each node is healthy by its own account, streams and consumers included, as an orchestrator does before it
 * restarts the next one. The stream's own list of copies says too early that all is well.
 */
async function allHealthy({ nodes }: ClusterBroker): Promise<void> {
  const areHealthy = async () => (await Promise.all(nodes.map((node) => node.isHealthy()))).every(Boolean);
  await waitFor(areHealthy, { timeoutMs: 60_000, what: 'every node to be healthy' });
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
