import type { Bench, Result } from '../bench.ts';
import { throughput, warmUp } from '../contestant.ts';
import { inTurns } from '../in-turns.ts';
import { instructionsOf } from '../instructions.ts';
import { startPeer } from '../start-peer.ts';
import { startSluice } from '../start-sluice.ts';

const concurrency = 64;
const perRequest = 500;
const warmUpMs = 20_000;

/** What `pipeline` costs, in a unit that no other work on the machine changes. */
export const cost: Bench = {
  name: 'cost',
  what: 'thousands of instructions for a package through all stages without work, by process, as `perf stat` counts them',
  async run({ quick, turns, natsServer, say }) {
    const packages = quick ? 500 : 4_000;
    const starts = {
      sluice: () => startSluice({ natsServer, env: { BENCH_CONCURRENCY: String(concurrency) } }),
      bullmq: () => startPeer('bullmq', { concurrency }),
    };
    const counts = await inTurns(turns, starts, async (contestant) => {
      await warmUp(contestant, quick ? 0 : warmUpMs, packages, perRequest);
      const processes = await contestant.processes();
      const counted = await instructionsOf(processes, () => throughput(contestant, packages, perRequest));
      if (counted === null) say('  perf, or what it counts with, is not there: left out');
      const thousands = [...(counted ?? [])].map(([name, all]) => [name, all / packages / 1_000] as const);
      return { byProcess: new Map(thousands), sum: thousands.reduce((sum, [, each]) => sum + each, 0) };
    });
    const { sluice = [], bullmq = [] } = counts;
    if (sluice.some(({ sum }) => sum === 0)) return [];
    const names = [...sluice[0]!.byProcess.keys()];
    return [
      {
        what: 'all processes',
        samples: sluice.map(({ sum }) => sum),
        unit: ' k',
        peer: { name: 'bullmq', samples: bullmq.map(({ sum }) => sum) },
      },
      ...names.map((name): Result => ({
        what: name,
        samples: sluice.map(({ byProcess }) => byProcess.get(name) ?? 0),
        unit: ' k',
      })),
    ];
  },
};
