import type { Bench, Result } from '../bench.ts';
import { throughput, usualRequest, warmUp } from '../load.ts';
import { inTurns } from '../in-turns.ts';
import { instructionsOf } from '../instructions.ts';
import { sumOf } from '../process-usage.ts';
import { missingRedis, startPeer } from '../start-peer.ts';
import { startSluice } from '../start-sluice.ts';

/** The cost of `pipeline` in instructions, which other work on the machine does not change. */
export const cost: Bench = {
  name: 'cost',
  what: 'thousands of instructions for a package through all stages without work, by process, as `perf stat` counts them',
  missing: missingRedis,
  async run({ quick, turns, natsServer, say }) {
    const packages = quick ? 500 : 4_000;
    const starts = { sluice: () => startSluice({ natsServer }), bullmq: () => startPeer('bullmq') };
    const counted = await inTurns(turns, starts, async (contestant) => {
      await warmUp(contestant, packages, usualRequest, quick);
      return instructionsOf(await contestant.processes(), () =>
        throughput(contestant, packages, usualRequest),
      );
    });
    const isCounted = (counts: Map<string, number> | null) => counts !== null;
    const sluice = counted['sluice']!.filter(isCounted);
    const bullmq = counted['bullmq']!.filter(isCounted);
    const [first] = sluice;
    if (!first) {
      say('  perf, or what it counts with, is not there: left out');
      return [];
    }
    const thousands = (count: number) => count / packages / 1_000;
    const sum = (counts: Map<string, number>) => thousands(sumOf(counts.values()));
    return [
      {
        what: 'all processes',
        samples: sluice.map(sum),
        unit: ' k',
        peer: { name: 'bullmq', samples: bullmq.map(sum) },
      },
      ...[...first.keys()].map((name): Result => ({
        what: name,
        samples: sluice.map((counts) => thousands(counts.get(name) ?? 0)),
        unit: ' k',
      })),
    ];
  },
};
