import { waitFor } from '@sluice/testkit/fakes';
import { percentile, type Bench } from '../bench.ts';
import { newLockfile, requestMaxPackages, submit, warmUp } from '../load.ts';
import { inTurns } from '../in-turns.ts';
import { latencies, latencyPollMs } from '../latency.ts';
import { startSluice, type Sluice } from '../start-sluice.ts';

const perSecond = 20;
/** Readers see a request of the largest size within seconds. */
const seenMaxMs = 5 * 60_000;

/** Delay of interactive requests while much bulk work is queued. */
export const interactive: Bench = {
  name: 'interactive',
  what: `milliseconds from POST to completed for single interactive packages, ${perSecond}/s, without bulk packages, from the moment on that many are submitted, and once all of those are queued; stages without work; seen by asking every ${latencyPollMs} ms`,
  async run({ quick, turns, natsServer, say }) {
    const bulk = quick ? 5_000 : 100_000;
    const seconds = quick ? 3 : 20;
    const measured = await inTurns(turns, { sluice: () => startSluice({ natsServer }) }, async (sluice) => {
      await warmUp(sluice, 500, 5, quick);
      const empty = await latencies(sluice, perSecond, seconds);
      const requests = Math.ceil(bulk / requestMaxPackages);
      const lockfiles = Array.from({ length: requests }, () => newLockfile(bulk / requests));
      await Promise.all(lockfiles.map((lockfile) => submit(sluice, lockfile, 'bulk')));
      const submitted = await latencies(sluice, perSecond, seconds);
      await waitFor(async () => (await bulkSeen(sluice)).requests === requests, { timeoutMs: seenMaxMs });
      const queued = await latencies(sluice, perSecond, seconds);
      const left = bulk - (await bulkSeen(sluice)).ended;
      say(`  ${left} of ${bulk} bulk packages were left when the last interactive one was done`);
      return { empty, submitted, queued, left };
    });
    const turnsOf = measured['sluice'] ?? [];
    const moments = {
      submitted: `from the submission of ${bulk.toLocaleString('en')} bulk packages on`,
      queued: 'once they are all queued',
    };
    return Object.entries(moments).flatMap(([moment, inWords]) =>
      [0.5, 0.99].map((share) => ({
        what: `p${share * 100} ${inWords}`,
        samples: turnsOf.map((turn) => percentile(turn[moment as keyof typeof moments], share)),
        unit: ' ms',
        peer: { name: 'no bulk packages', samples: turnsOf.map((turn) => percentile(turn.empty, share)) },
        note: `${turnsOf.map(({ left }) => left).join(', ')} left at the end`,
      })),
    );
  },
};

/** The read models' view of the bulk requests: their number, and that of their ended items. */
async function bulkSeen({ sql }: Sluice): Promise<{ requests: number; ended: number }> {
  const [row] = await sql<{ requests: number; ended: number }[]>`
    select count(*)::int as requests, coalesce(sum(ended_items), 0)::int as ended
    from read.requests where lane = 'bulk'`;
  return row!;
}
