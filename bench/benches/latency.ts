import { percentile, type Bench, type Result } from '../bench.ts';
import { throughput } from '../contestant.ts';
import { inTurns } from '../in-turns.ts';
import { latencies, latencyPollMs } from '../latency.ts';
import { startPeer } from '../start-peer.ts';
import { startSluice } from '../start-sluice.ts';

const rates = [10, 100, 500];
/** The rate that the budget is about, and the only one that the peer is measured at. */
const budgetRate = 100;
const shares = { p50: 0.5, p99: 0.99 };
const budgets: Record<string, number> = { p50: 10, p99: 50 };
const concurrency = 64;

/** How long a single package takes while others come steadily. */
export const latency: Bench = {
  name: 'latency',
  what: `milliseconds from POST to completed in the read model, single packages at a steady rate, stages without work; seen by asking every ${latencyPollMs} ms`,
  async run({ quick, natsServer, say }) {
    const seconds = quick ? 2 : 10;
    const starts = {
      sluice: () => startSluice({ natsServer, env: { BENCH_CONCURRENCY: String(concurrency) } }),
      bullmq: () => startPeer('bullmq', { concurrency }),
    };
    const measured = await inTurns(quick ? 1 : 3, starts, async (contestant) => {
      // Compiled code and open connections, as a service has after its first minute.
      await throughput(contestant, quick ? 250 : 2_000, 50);
      const samples = new Map<number, number[]>();
      for (const rate of contestant.name === 'sluice' ? rates : [budgetRate]) {
        samples.set(rate, await latencies(contestant, rate, seconds));
        say(`  ${contestant.name} at ${rate}/s: ${say50And99(samples.get(rate)!)}`);
      }
      return samples;
    });
    const { sluice = [], bullmq = [] } = measured;
    return rates.flatMap((rate) =>
      Object.entries(shares).map(([name, share]): Result => {
        const of = (turns: Map<number, number[]>[]) =>
          turns.map((turn) => percentile(turn.get(rate)!, share));
        const isBudget = rate === budgetRate;
        return {
          what: `${name} at ${rate}/s`,
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
