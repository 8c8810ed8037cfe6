import { fileArtifactStore } from '@sluice/artifacts';
import { connectBus } from '@sluice/messaging';
import { createPostgres } from '@sluice/postgres';
import { hashTables, readSchema, rebuild } from '@sluice/projector';
import { createLogger } from '@sluice/runtime';
import { say } from './connect.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

export interface Addresses {
  natsUrl: string;
  natsToken: string | null;
  databaseUrl: string;
  artifactsFolder: string;
}

/**
 * Makes the read models of the events alone, and says how it went.
 * @param swap false compares them with the live ones only.
 * @throws CommandError with exit code 1 when they differ.
 */
export async function rebuildProjection(
  { natsUrl, natsToken, databaseUrl, artifactsFolder }: Addresses,
  swap: boolean,
): Promise<void> {
  const log = createLogger('cli', 'warn');
  const token = natsToken ?? undefined;
  const bus = await connectBus({ url: natsUrl, token, service: 'cli', instance: String(process.pid), log });
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
