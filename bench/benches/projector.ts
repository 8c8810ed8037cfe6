import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fileArtifactStore } from '@sluice/artifacts';
import { connectBus, eventsStream } from '@sluice/broker';
import { natsKeyFile } from '@sluice/rights';
import { createPostgres } from '@sluice/postgres';
import { archiveEvents, readSchema } from '@sluice/projector';
import { createLogger } from '@sluice/runtime';
import type { Bench } from '../bench.ts';
import { throughput, usualRequest } from '../load.ts';
import { rawCopy } from '../raw-copy.ts';
import { startSluice, type Sluice } from '../start-sluice.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));

/** Speed of a rebuild of the read models from the events alone. */
export const projector: Bench = {
  name: 'projector',
  what: 'events per second of `sluice projection rebuild`, a process of its own beside the running services, against COPY of the rows that come of it into tables without an index',
  async run({ quick, turns, natsServer, say }) {
    const rebuilt: number[] = [];
    const copied: number[] = [];
    const fromArchive: number[] = [];
    let archivedBytes = 0;
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
      archivedBytes = await archiveAndForget(sluice);
      for (let turn = 0; turn < turns; turn += 1) {
        const { events, seconds } = await rebuild(sluice);
        fromArchive.push(events / seconds);
        say(`  rebuilt from the archive: ${Math.round(fromArchive.at(-1)!)}/s`);
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
      {
        what: 'events per second, once the stream has forgotten them',
        samples: fromArchive,
        unit: '/s',
        peer: { name: 'from the stream', samples: rebuilt },
        note: `${Math.round(archivedBytes)} bytes an event in the archive`,
      },
    ];
  },
};

/** Leaves the events to the archive alone. @returns bytes an event takes there. */
async function archiveAndForget({ stack, sql }: Sluice): Promise<number> {
  const { natsUrl, natsKeysFolder, databaseUrl, artifactsFolder } = stack.info;
  const log = createLogger('bench', 'silent');
  const nkey = await readFile(natsKeyFile(natsKeysFolder!, 'operator'), 'utf8');
  const bus = await connectBus({ url: natsUrl, nkey, service: 'bench', instance: 'bench', log });
  const read = createPostgres({ url: databaseUrl, service: 'bench', schema: readSchema, pool: 1 });
  try {
    await archiveEvents(bus, { sql: read, artifacts: fileArtifactStore(artifactsFolder), log });
    await bus.jsm.streams.purge(eventsStream);
    const [row] = await sql<{ bytes: number }[]>`
      select (sum(size_bytes) / sum(events))::float8 as bytes from archive.segments`;
    return row!.bytes;
  } finally {
    await read.end({ timeout: 5 });
    await bus.close();
  }
}

/** Runs the command; its time includes making the indexes and hashing each table. */
async function rebuild({ stack }: Sluice): Promise<{ events: number; seconds: number }> {
  const { natsUrl, natsKeysFolder, databaseUrl, artifactsFolder } = stack.info;
  const env = {
    ...process.env,
    NATS_URL: natsUrl,
    NATS_NKEY_FILE: natsKeyFile(natsKeysFolder!, 'cli'),
    DATABASE_URL: databaseUrl,
    ARTIFACTS_DIR: artifactsFolder,
  };
  const { stdout } = await run(process.execPath, [cli, 'projection', 'rebuild'], { env });
  const said = /(\d+) events in ([\d.]+) s/.exec(stdout);
  if (!said) throw new Error(`The rebuild said: ${stdout}`);
  return { events: Number(said[1]), seconds: Number(said[2]) };
}
