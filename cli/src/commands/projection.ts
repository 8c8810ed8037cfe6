import { fileArtifactStore } from '@sluice/artifacts';
import { connectBus } from '@sluice/messaging';
import { createPostgres } from '@sluice/postgres';
import { hashTables, readSchema, rebuild } from '@sluice/projector';
import { createLogger } from '@sluice/runtime';
import type { Command } from 'commander';
import { say, withStack } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

interface Addresses {
  natsUrl: string;
  databaseUrl: string;
  artifactsFolder: string;
}

/** `sluice projection rebuild` and `… verify`: the read models, from the event stream alone. */
export function projectionCommands(program: Command): void {
  const projection = program
    .command('projection')
    .description('read models: rebuild them, or compare them with the events');
  projection
    .command('rebuild')
    .description('fill new read models from the stream beside the live ones, and swap')
    .action(() => withAddresses((addresses) => run(addresses, true)));
  projection
    .command('verify')
    .description('fill new read models, compare them with the live ones, and drop them')
    .action(() => withAddresses((addresses) => run(addresses, false)));
}

/** NATS_URL, DATABASE_URL and ARTIFACTS_DIR name a deployment; otherwise it is the stack of this folder. */
async function withAddresses(work: (addresses: Addresses) => Promise<void>): Promise<void> {
  const { NATS_URL: natsUrl, DATABASE_URL: databaseUrl, ARTIFACTS_DIR: artifactsFolder } = process.env;
  if (natsUrl && databaseUrl && artifactsFolder) return work({ natsUrl, databaseUrl, artifactsFolder });
  return withStack(work);
}

async function run({ natsUrl, databaseUrl, artifactsFolder }: Addresses, swap: boolean): Promise<void> {
  const log = createLogger('cli', 'warn');
  const bus = await connectBus({ url: natsUrl, service: 'cli', instance: String(process.pid), log });
  const live = createPostgres({ url: databaseUrl, service: 'cli', schema: readSchema, pool: 1 });
  try {
    const before = swap ? null : await hashTables(live, readSchema);
    let shown = 0;
    const result = await rebuild(
      bus,
      { databaseUrl, swap, artifacts: fileArtifactStore(artifactsFolder), log },
      (done, total) => {
        if (Date.now() - shown < 1_000 && done < total) return;
        shown = Date.now();
        say(`${done}/${total} events`);
      },
    );
    const rate = Math.round(result.events / Math.max(result.durationMs / 1000, 0.001));
    process.stdout.write(
      `${result.events} events in ${(result.durationMs / 1000).toFixed(1)} s (${rate}/s).\n`,
    );
    if (before) compare(before, result.hashes);
    else process.stdout.write('The new read models are in place.\n');
  } finally {
    await live.end({ timeout: 5 });
    await bus.close();
  }
}

function compare(live: Record<string, string>, rebuilt: Record<string, string>): void {
  const different = Object.keys(live).filter((table) => live[table] !== rebuilt[table]);
  if (different.length > 0) {
    throw new CommandError(
      exitCodes.attention,
      `Live and rebuilt differ in ${different.join(', ')}.`,
      'Events that came meanwhile make a difference too: repeat it when it is quiet.',
    );
  }
  process.stdout.write('The live read models are exactly what the events say.\n');
}
