import { setTimeout as delay } from 'node:timers/promises';
import { percentile, type Bench } from '../bench.ts';
import { inTurns } from '../in-turns.ts';
import { latencies, latencyPollMs } from '../latency.ts';
import { newLockfile, warmUp } from '../load.ts';
import { startSluice, type Sluice } from '../start-sluice.ts';

const perSecond = 20;
const noise = 10;
/** As long as a window of the quota. */
const roundSeconds = 10;
/** The bar of the requirements for the load of others. */
const ratioMax = 1.2;

/** Delay of requests while another requester submits ten times as many. */
export const noisy: Bench = {
  name: 'noisy',
  what: `milliseconds from POST to completed for single packages, ${perSecond}/s, alone and beside another requester who submits ${noise * perSecond}/s with a key, under the quotas as they are by default; stages without work; seen by asking every ${latencyPollMs} ms`,
  async run({ quick, turns, natsServer, say }) {
    const rounds = quick ? 4 : 10;
    const measured = await inTurns(turns, { sluice: () => startSluice({ natsServer }) }, async (sluice) => {
      await warmUp(sluice, 500, 5, quick);
      const requester = await makeRequester(sluice);
      const [alone, beside]: [number[], number[]] = [[], []];
      // In turns within a turn, too: other work on the machine comes and goes within a minute.
      for (let round = 0; round < rounds; round += 1) {
        alone.push(...(await latencies(sluice, perSecond, roundSeconds)));
        const noiseMade = startNoise(sluice, requester);
        beside.push(...(await latencies(sluice, perSecond, roundSeconds)));
        await noiseMade.stop();
      }
      const { accepted, refused } = requester;
      say(`  ${accepted} submissions of the noisy requester were taken, ${refused} refused`);
      return { alone, beside, accepted, refused };
    });
    const turnsOf = measured['sluice'] ?? [];
    const ratios = turnsOf.map(({ alone, beside }) => percentile(beside, 0.95) / percentile(alone, 0.95));
    const told = turnsOf.map(({ accepted, refused }) => `${accepted} taken, ${refused} refused`).join('; ');
    return [
      ...[0.5, 0.95].map((share) => ({
        what: `p${share * 100} beside the noisy requester`,
        samples: turnsOf.map(({ beside }) => percentile(beside, share)),
        unit: ' ms',
        peer: { name: 'alone', samples: turnsOf.map(({ alone }) => percentile(alone, share)) },
        note: told,
      })),
      {
        what: 'p95 beside it, by that alone',
        samples: ratios,
        unit: ' times',
        budget: { max: ratioMax, what: `at most ${ratioMax}` },
      },
    ];
  },
};

interface Requester {
  headers: Record<string, string>;
  accepted: number;
  refused: number;
}

async function makeRequester({ submitUrl }: Sluice): Promise<Requester> {
  const json = { 'content-type': 'application/json' };
  const made = await fetch(new URL('/v1/keys', submitUrl), {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ name: 'noisy', kind: 'service', roles: ['submitter'], reason: 'bench' }),
  });
  const { key } = (await made.json()) as { key: string };
  return { headers: { ...json, authorization: `Bearer ${key}` }, accepted: 0, refused: 0 };
}

/** Goes on whether it is refused or not. */
function startNoise({ submitUrl }: Sluice, requester: Requester): { stop: () => Promise<void> } {
  const sent: Promise<void>[] = [];
  const stopping = new AbortController();
  const submit = async () => {
    const response = await fetch(submitUrl, {
      method: 'POST',
      headers: requester.headers,
      body: newLockfile(1),
    });
    await response.arrayBuffer();
    if (response.status === 202) requester.accepted += 1;
    else if (response.status === 429) requester.refused += 1;
    else throw new Error(`${submitUrl} answered ${response.status}.`);
  };
  const started = performance.now();
  const running = (async () => {
    for (let at = 0; !stopping.signal.aborted; at += 1) {
      await delay(Math.max(0, started + (at * 1_000) / (noise * perSecond) - performance.now()));
      sent.push(submit());
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(sent);
    },
  };
}
