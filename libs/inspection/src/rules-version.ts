import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Assessment } from './assessment.ts';

/** Folders that no report follows from. */
const otherFolders = new Set(['dist', 'fake', 'fixtures', 'lockfiles', 'node_modules', 'test']);

/**
 * Version of an ecosystem's rules: a digest of the code that makes its reports. No number has to be raised by hand, and
 * two replicas of one build agree. Two ecosystems never have the same: the same bytes give another report in each.
 * @returns 12 hex digits.
 */
export async function readRulesVersion({ type, code }: Assessment): Promise<string> {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const licenses = path.dirname(fileURLToPath(import.meta.resolve('@sluice/licenses')));
  const json = fileURLToPath(import.meta.resolve('@sluice/intake/safe-json'));
  const hash = createHash('sha256').update(`${type}\n`);
  for (const folder of [here, licenses, fileURLToPath(code)]) {
    for (const file of await codeFiles(folder)) {
      hash.update(`${path.relative(folder, file)}\n`).update(await readFile(file));
    }
  }
  hash.update(await readFile(json));
  return hash.digest('hex').slice(0, 12);
}

async function codeFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return otherFolders.has(entry.name) ? [] : await codeFiles(file);
      return /\.[jt]s$/.test(entry.name) && !/\.(?:test|d)\.ts$/.test(entry.name) ? [file] : [];
    }),
  );
  return found.flat().toSorted();
}
