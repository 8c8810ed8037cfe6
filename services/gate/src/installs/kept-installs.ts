import { appendFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { servedSchema } from '@sluice/contracts';
import type { Served } from './installs-log.ts';

/** Lines that are written before requests get their turn. */
const turnLines = 1_000;

const fileOf = (folder: string) => path.join(folder, 'installs.jsonl');

/**
 * Keeps entries in the place of those of before: all of the new ones or all of the old ones are there, also after a crash.
 * @throws errors of the file system.
 */
export async function keepInstalls(folder: string, entries: readonly Served[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${fileOf(folder)}.${process.pid}`;
  await rm(temporary, { force: true });
  for (let at = 0; at < entries.length; at += turnLines) {
    const lines = entries.slice(at, at + turnLines).map((entry) => `${JSON.stringify(entry)}\n`);
    await appendFile(temporary, lines.join(''), { mode: 0o600 });
  }
  await rename(temporary, fileOf(folder));
}

/** The entries that were kept; none where there is no file. A line that cannot be read is left out. */
export async function recallInstalls(folder: string): Promise<Served[]> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [servedSchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

export async function forgetInstalls(folder: string): Promise<void> {
  await rm(fileOf(folder), { force: true });
}
