import { median, type Bench } from '../bench.ts';
import type { Contestant } from '../contestant.ts';
import { throughput, usualRequest, warmUp } from '../load.ts';
import { inTurns } from '../in-turns.ts';
import { missingRedis, peerNames, startPeer } from '../start-peer.ts';
import { startSluice } from '../start-sluice.ts';

/** Packages a second when no stage has work of its own: the cost of delivery. */
export const pipeline: Bench = {
  name: 'pipeline',
  inQuickLook: true,
  what: 'packages per second through all stages without work, from submission to read model',
  missing: missingRedis,
  async run({ quick, turns, natsServer, say }) {
    const packages = quick ? 200 : 3_000;
    const starts: Record<string, () => Promise<Contestant>> = {
      sluice: () => startSluice({ natsServer }),
      ...Object.fromEntries(peerNames.map((name) => [name, () => startPeer(name)])),
    };
    const rates = await inTurns(turns, starts, async (contestant) => {
      await warmUp(contestant, packages, usualRequest, quick);
      const rate = await throughput(contestant, packages, usualRequest);
      say(`  ${contestant.name}: ${Math.round(rate)}/s`);
      return rate;
    });
    const { sluice = [], ...peers } = rates;
    const limit = { min: 1_500, what: 'at least 1,500/s, and three times BullMQ' };
    return Object.entries(peers).map(([name, samples]) => ({
      what: 'packages per second',
      samples: sluice,
      unit: '/s',
      peer: { name, samples },
      budget: name === 'bullmq' ? { ...limit, min: Math.max(limit.min, 3 * median(samples)) } : limit,
    }));
  },
};
