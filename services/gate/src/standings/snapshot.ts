import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { knownKeySchema, type KnownKey } from '@sluice/identity';
import { z } from 'zod';
import type { Entry } from './entry.ts';
import { StandingIndex } from './standing-index.ts';

/** Where in which stream an index stands. */
export const positionSchema = z.object({ identity: z.string(), sequence: z.number().int() });
export type Position = z.infer<typeof positionSchema>;

export interface Snapshot {
  position: Position;
  /** When the index was last known to be up to date. */
  at: Date;
  keys: KnownKey[];
  index: StandingIndex;
}

/** Another form is another version: a snapshot of it is not read, and made anew. */
const formVersion = 1;
const headerSchema = z.object({
  version: z.literal(formVersion),
  position: positionSchema,
  at: z.coerce.date(),
  keys: z.array(knownKeySchema),
  /** Of the lines that follow: a file that was cut off has fewer. */
  count: z.number().int(),
});
const lineSchema = z.tuple([z.string(), z.string(), z.string(), z.string(), z.custom<Entry>()]);

/** Lines that are written before requests get their turn. */
const turnLines = 500;

const fileOf = (folder: string) => path.join(folder, 'standings.jsonl');

/**
 * Writes a snapshot in the place of the last one: the whole new one or the whole old one is there, also after a crash.
 * @throws errors of the file system.
 */
export async function writeSnapshot(folder: string, { position, at, keys, index }: Snapshot): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${fileOf(folder)}.${process.pid}`;
  const output = createWriteStream(temporary, { mode: 0o600 });
  try {
    const count = index.size;
    output.write(JSON.stringify({ version: formVersion, position, at, keys, count }) + '\n');
    let written = 0;
    for (const [{ scope, type, name, version }, entry] of index.entries()) {
      if (written === count) break;
      const isFull = !output.write(JSON.stringify([scope, type, name, version, entry]) + '\n');
      written += 1;
      if (isFull) await once(output, 'drain');
      if (written % turnLines === 0) await nextTurn();
    }
    output.end();
    await finished(output);
    await sync(temporary);
    await rename(temporary, fileOf(folder));
  } catch (error) {
    output.destroy();
    await rm(temporary, { force: true });
    throw error;
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await handle.datasync().finally(() => handle.close());
}

/** @returns null when there is none, or none that can be read whole. */
export async function readSnapshot(folder: string): Promise<Snapshot | null> {
  const input = createReadStream(fileOf(folder));
  const lines = createInterface({ input, crlfDelay: Infinity });
  const index = new StandingIndex();
  let header: z.infer<typeof headerSchema> | undefined;
  let read = 0;
  try {
    for await (const line of lines) {
      if (header === undefined) {
        header = headerSchema.parse(JSON.parse(line));
        continue;
      }
      const [scope, type, name, version, entry] = lineSchema.parse(JSON.parse(line));
      index.update({ scope, type, name, version }, () => entry);
      read += 1;
    }
  } catch {
    return null;
  } finally {
    input.destroy();
  }
  if (header === undefined || read !== header.count) return null;
  const { position, at, keys } = header;
  return { position, at, keys, index };
}
