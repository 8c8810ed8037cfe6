import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench } from '../bench.ts';
import { throughput, usualRequest } from '../contestant.ts';
import { rawCopy } from '../raw-copy.ts';
import { startSluice, type Sluice } from '../start-sluice.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));

/** How fast the read models are made from the events alone, as after a change of what they say. */
export const projector: Bench = {
  name: 'projector',
  what: 'events per second of `sluice projection rebuild`, a process of its own beside the running services, against COPY of the rows that come of it into tables without an index',
  async run({ quick, turns, natsServer, say }) {
    const rebuilt: number[] = [];
    const copied: number[] = [];
    const sluice = await startSluice({ natsServer });
    try {
      await throughput(sluice, quick ? 1_000 : 10_000, usualRequest);
      for (let turn = 0; turn < turns; turn += 1) {
        const { events, seconds } = await rebuild(sluice);
        rebuilt.push(events / seconds);
        copied.push(events / (await rawCopy(sluice.sql)));
        say(
          `  ${events.toLocaleString('en')} events: rebuilt ${Math.round(rebuilt.at(-1)!)}/s, copied ${Math.round(copied.at(-1)!)}/s`,
        );
      }
    } finally {
      await sluice.stop();
    }
    return [
      {
        what: 'events per second',
        samples: rebuilt,
        unit: '/s',
        peer: { name: 'COPY of the same rows', samples: copied },
        budget: { min: 15_000, what: 'at least 15,000/s' },
      },
    ];
  },
};

/** As an operator does it; what it takes includes its indexes, and comparing what it made with a hash of each table. */
async function rebuild({ stack }: Sluice): Promise<{ events: number; seconds: number }> {
  const { natsUrl, natsToken, databaseUrl, artifactsFolder } = stack.info;
  const env = {
    ...process.env,
    NATS_URL: natsUrl,
    NATS_TOKEN: natsToken ?? undefined,
    DATABASE_URL: databaseUrl,
    ARTIFACTS_DIR: artifactsFolder,
  };
  const { stdout } = await run(process.execPath, [cli, 'projection', 'rebuild'], { env });
  const said = /(\d+) events in ([\d.]+) s/.exec(stdout);
  if (!said) throw new Error(`The rebuild said: ${stdout}`);
  return { events: Number(said[1]), seconds: Number(said[2]) };
}
