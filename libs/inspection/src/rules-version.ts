import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything that a report follows from. */
const folders = ['archive', 'gyp', 'inspect', 'rules', 'source'];

/**
 * Version of the rules: a digest of the code that makes reports. No number has to be raised by hand, and two
 * replicas of one build agree.
 * @returns 12 hex digits.
 */
export async function readRulesVersion(): Promise<string> {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const licenses = path.dirname(fileURLToPath(import.meta.resolve('@sluice/licenses')));
  const json = fileURLToPath(import.meta.resolve('@sluice/intake/safe-json'));
  const hash = createHash('sha256');
  for (const folder of [...folders.map((name) => path.join(here, name)), licenses]) {
    for (const name of (await readdir(folder)).toSorted()) {
      if (!/\.[jt]s$/.test(name) || /\.(?:test|d)\.ts$/.test(name)) continue;
      hash.update(`${name}\n`).update(await readFile(path.join(folder, name)));
    }
  }
  hash.update(await readFile(json));
  return hash.digest('hex').slice(0, 12);
}
