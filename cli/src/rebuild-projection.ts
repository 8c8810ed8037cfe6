import { readFile } from 'node:fs/promises';
import type { SharedStore } from '@sluice/artifacts';
import { busOptionsOf, connectBus } from '@sluice/broker';
import { createPostgres } from '@sluice/postgres';
import { hashTables, readSchema, rebuild } from '@sluice/projector';
import { natsKeyFile } from '@sluice/rights';
import { createLogger, natsConfigOf } from '@sluice/runtime';
import { say } from './connect.ts';
import { exitCodes } from './exit-codes.ts';
import { print, type OutputOptions } from './output.ts';

export interface Addresses {
  natsUrl: string;
  natsToken: string | null;
  /** Folder with the seeds of NATS' users; null for a NATS that knows its clients by other means. */
  natsKeysFolder: string | null;
  databaseUrl: string;
  artifacts: SharedStore;
}

export interface RebuildOptions extends OutputOptions {
  /** False compares them with the live ones only. */
  swap: boolean;
  /** Takes them although they have fewer rows than the live ones. */
  allowFewer?: boolean;
}

interface Outcome {
  events: number;
  durationMs: number;
  swapped: boolean;
  /** Tables whose live content differs from the rebuilt one; empty after a swap. */
  different: string[];
  /** Digests of lists of requests that cannot be read. */
  missingLists: string[];
}

/**
 * Makes the read models of the events alone, and says how it went; the exit code is 1 when they differ.
 */
export async function rebuildProjection(
  { natsUrl, natsToken, natsKeysFolder, databaseUrl, artifacts }: Addresses,
  { swap, allowFewer, ...output }: RebuildOptions,
): Promise<void> {
  const log = createLogger('cli', 'warn');
  const bus = await connectBus({
    // A NATS that runs elsewhere may know its clients by other means than a token.
    ...busOptionsOf(natsConfigOf(process.env)),
    url: natsUrl,
    ...(natsToken === null ? {} : { token: natsToken }),
    ...(natsKeysFolder === null ? {} : { nkey: await readFile(natsKeyFile(natsKeysFolder, 'cli'), 'utf8') }),
    isMaker: false,
    service: 'cli',
    instance: String(process.pid),
    log,
  });
  const live = createPostgres({ url: databaseUrl, service: 'cli', schema: readSchema, pool: 1 });
  try {
    const before = swap ? null : await hashTables(live, readSchema);
    let shown = 0;
    const result = await rebuild(
      bus,
      {
        databaseUrl,
        swap,
        allowFewer: allowFewer ?? false,
        artifacts,
        log,
      },
      (done, total) => {
        if (Date.now() - shown < 1_000 && done < total) return;
        shown = Date.now();
        say(`${done}/${total} events`);
      },
    );
    const different = before ? differences(before, result.hashes) : [];
    const { events, durationMs, missingLists } = result;
    print(output, { events, durationMs, swapped: swap, different, missingLists }, render);
    if (different.length > 0) process.exitCode = exitCodes.attention;
  } finally {
    await live.end({ timeout: 5 });
    await bus.close();
  }
}

function differences(live: Record<string, string>, rebuilt: Record<string, string>): string[] {
  return Object.keys(live).filter((table) => live[table] !== rebuilt[table]);
}

function render({ events, durationMs, swapped, different, missingLists }: Outcome): string {
  const seconds = Math.max(durationMs / 1000, 0.001);
  const rate = Math.round(events / seconds);
  const missing = missingLists.map(
    (digest) => `The list ${digest} cannot be read: its request has no items.\n`,
  );
  return `${events} events in ${seconds.toFixed(1)} s (${rate}/s).\n${missing.join('')}${told(swapped, different)}\n`;
}

function told(swapped: boolean, different: string[]): string {
  if (swapped) return 'The new read models are in place.';
  if (different.length === 0) return 'The live read models are exactly what the events say.';
  return `Live and rebuilt differ in ${different.join(', ')}.
Events that came meanwhile make a difference too: repeat it when it is quiet.`;
}
