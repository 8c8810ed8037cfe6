import { percentile, type Bench, type Result } from '../bench.ts';
import { warmUp } from '../load.ts';
import { inTurns } from '../in-turns.ts';
import { latencies, latencyPollMs } from '../latency.ts';
import { missingRedis, startPeer } from '../start-peer.ts';
import { startSluice } from '../start-sluice.ts';

interface Load {
  perSecond: number;
  /** Packages of each request. */
  packages: number;
}
const loads: Load[] = [
  { perSecond: 10, packages: 1 },
  { perSecond: 50, packages: 1 },
  { perSecond: 10, packages: 10 },
  { perSecond: 50, packages: 10 },
];
/** The load that the budget is about, 100 packages a second, and the only one that the peer is measured at. */
const budgetLoad = loads[2]!;
const inWords = ({ perSecond, packages }: Load) =>
  `${perSecond} requests/s of ${packages} package${packages === 1 ? '' : 's'}`;
const shares = { p50: 0.5, p99: 0.99 };
const budgets: Record<string, number> = { p50: 10, p99: 50 };

/** How long requests take while others come steadily. */
export const latency: Bench = {
  name: 'latency',
  inQuickLook: true,
  what: `milliseconds from POST to completed in the read model, requests at a steady rate, stages without work; seen by asking every ${latencyPollMs} ms`,
  missing: missingRedis,
  async run({ quick, turns, natsServer, say }) {
    const seconds = quick ? 2 : 10;
    const starts = {
      sluice: () => startSluice({ natsServer }),
      bullmq: () => startPeer('bullmq'),
    };
    const measured = await inTurns(turns, starts, async (contestant) => {
      await warmUp(contestant, 500, 5, quick);
      const samples = new Map<Load, number[]>();
      for (const load of contestant.name === 'sluice' ? loads : [budgetLoad]) {
        samples.set(load, await latencies(contestant, load.perSecond, seconds, load.packages));
        say(`  ${contestant.name}, ${inWords(load)}: ${say50And99(samples.get(load)!)}`);
      }
      return samples;
    });
    const { sluice = [], bullmq = [] } = measured;
    return loads.flatMap((load) =>
      Object.entries(shares).map(([name, share]): Result => {
        const of = (measurements: Map<Load, number[]>[]) =>
          measurements.map((samples) => percentile(samples.get(load)!, share));
        const isBudget = load === budgetLoad;
        return {
          what: `${name}, ${inWords(load)}`,
          samples: of(sluice),
          unit: ' ms',
          ...(isBudget
            ? {
                peer: { name: 'bullmq', samples: of(bullmq) },
                budget: { max: budgets[name]!, what: `at most ${budgets[name]} ms` },
              }
            : {}),
        };
      }),
    );
  },
};

function say50And99(samples: number[]): string {
  return `p50 ${percentile(samples, 0.5).toFixed(1)} ms, p99 ${percentile(samples, 0.99).toFixed(1)} ms`;
}
