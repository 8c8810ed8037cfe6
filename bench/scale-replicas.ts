import { median, type BenchContext, type Result } from './bench.ts';
import { throughput } from './load.ts';
import { startReplica } from './start-replica.ts';
import { startSluice } from './start-sluice.ts';

/** A stage whose work is to wait for a registry. */
const replica = { concurrency: 16, waitMs: 200 };
const ideal = (replica.concurrency * 1_000) / replica.waitMs;

/** Packages per second with ever more replicas of one stage whose work waits; the other stages have no work. */
export async function scaleReplicas({ quick, turns, natsServer, say }: BenchContext): Promise<Result[]> {
  const replicaCounts = quick ? [1, 4] : [1, 2, 4, 8];
  const seconds = quick ? 2 : 10;
  const sluice = await startSluice({ natsServer, without: ['scanner'] });
  const rates = new Map<number, number[]>();
  try {
    for (let running = 0; running < Math.max(...replicaCounts);) {
      await startReplica(sluice, 'scanner', replica);
      running += 1;
      if (!replicaCounts.includes(running)) continue;
      const packages = ideal * running * seconds;
      const samples = [];
      for (let repeat = 0; repeat < turns; repeat += 1) {
        samples.push(await throughput(sluice, packages, 100));
      }
      rates.set(running, samples);
      say(`  ${running} replicas: ${Math.round(median(samples))}/s of ${ideal * running}/s`);
    }
  } finally {
    await sluice.stop();
  }
  return [...rates].map(([replicas, samples]) => ({
    what: `${replicas} replicas of a stage that waits ${replica.waitMs} ms, ${replica.concurrency} at once`,
    samples,
    unit: '/s',
    note: `${Math.round((100 * median(samples)) / (ideal * replicas))} % of what waiting allows`,
  }));
}
