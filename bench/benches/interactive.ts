import { percentile, type Bench } from '../bench.ts';
import { newLockfile, requestMaxPackages, submit, warmUp } from '../contestant.ts';
import { inTurns } from '../in-turns.ts';
import { latencies, latencyPollMs } from '../latency.ts';
import { startSluice, type Sluice } from '../start-sluice.ts';

const perSecond = 20;

/** Whether those who wait notice that a lot of work is queued for which nobody waits. */
export const interactive: Bench = {
  name: 'interactive',
  what: `milliseconds from POST to completed for single interactive packages, ${perSecond}/s, with a queue of bulk packages and without; stages without work; seen by asking every ${latencyPollMs} ms`,
  async run({ quick, turns, natsServer, say }) {
    const queued = quick ? 5_000 : 100_000;
    const seconds = quick ? 3 : 20;
    const measured = await inTurns(turns, { sluice: () => startSluice({ natsServer }) }, async (sluice) => {
      await warmUp(sluice, 500, 5, quick);
      const empty = await latencies(sluice, perSecond, seconds);
      await Promise.all(
        Array.from({ length: Math.ceil(queued / requestMaxPackages) }, () =>
          submit(sluice, newLockfile(Math.min(queued, requestMaxPackages)), 'bulk'),
        ),
      );
      const loaded = await latencies(sluice, perSecond, seconds);
      const left = await bulkLeft(sluice, queued);
      say(`  ${left} of ${queued} bulk packages were left when the last interactive one was done`);
      return { empty, loaded, left };
    });
    const measuredTurns = measured['sluice'] ?? [];
    const left = measuredTurns.map((turn) => turn.left);
    return [0.5, 0.99].map((share) => ({
      what: `p${share * 100} with ${queued.toLocaleString('en')} bulk packages queued`,
      samples: measuredTurns.map((turn) => percentile(turn.loaded, share)),
      unit: ' ms',
      peer: { name: 'empty queue', samples: measuredTurns.map((turn) => percentile(turn.empty, share)) },
      note: `${left.join(', ')} left at the end`,
    }));
  },
};

async function bulkLeft({ sql }: Sluice, queued: number): Promise<number> {
  const [row] = await sql<{ ended: number }[]>`
    select coalesce(sum(ended_items), 0)::int as ended from read.requests where lane = 'bulk'`;
  return queued - row!.ended;
}
