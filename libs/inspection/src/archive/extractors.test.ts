import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  extractAsNpm,
  extractWithTar,
  hasBsdtar,
  hasGnuTar,
  hasPython,
  readWithPython,
  type Placed,
} from '../../test/extractors.ts';
import { oddTar } from '../../test/odd-tar.ts';
import { chunksOf, tar } from '@sluice/testkit';
import { archiveNotes } from '../rules/archive-notes.ts';
import { ArchiveRefused } from './archive-refused.ts';
import { withoutFolder } from './entry-path.ts';
import { readTarball } from './read-tarball.ts';

const options = { placedPath: withoutFolder };

const forReview = new Set(archiveNotes.filter(({ tier }) => tier !== 'note').map(({ id }) => id));

/** Files that the scanner read, or null when the archive waits for a person in any case. */
async function readQuietly(bytes: Buffer): Promise<Map<string, string> | null> {
  const files = new Map<string, string>();
  try {
    const { notes } = await readTarball(
      chunksOf(bytes),
      ({ path }) => {
        const chunks: Buffer[] = [];
        return {
          write: (chunk) => chunks.push(Buffer.from(chunk)),
          end: () => files.set(path, Buffer.concat(chunks).toString('base64')),
        };
      },
      options,
    );
    return notes.some(({ kind }) => forReview.has(`archive.${kind}`)) ? null : files;
  } catch (error) {
    if (error instanceof ArchiveRefused) return null;
    throw error;
  }
}

/** A program that complains may place less; what it places has to be what was read. */
function differences(read: Map<string, string>, placed: Placed): string[] {
  const other = [...placed.files].filter(([path, content]) => read.get(path) !== content);
  const absent = placed.failed ? [] : [...read.keys()].filter((path) => !placed.files.has(path));
  return [...other.map(([path]) => `placed ${path}`), ...absent.map((path) => `did not place ${path}`)];
}

/** The archives that the scanner read without a word, with its files. */
async function quietOnes(count: number): Promise<{ bytes: Buffer; read: Map<string, string> }[]> {
  const sample = fc.sample(oddTar, count);
  const all = await Promise.all(sample.map(async (bytes) => ({ bytes, read: await readQuietly(bytes) })));
  return all.flatMap(({ bytes, read }) => (read ? [{ bytes, read }] : []));
}

test('npm places the files that were read, and no others, of any archive that is read without a word', async () => {
  let quiet = 0;
  let loud = 0;
  await fc.assert(
    fc.asyncProperty(oddTar, async (bytes) => {
      const read = await readQuietly(bytes);
      if (!read) loud += 1;
      else {
        quiet += 1;
        expect(differences(read, await extractAsNpm(bytes))).toEqual([]);
      }
    }),
    { numRuns: 1_500 },
  );
  // A generator of one sort only would prove nothing.
  expect(Math.min(quiet, loud)).toBeGreaterThan(150);
}, 120_000);

for (const [name, program, isThere] of [
  ['GNU tar', 'tar', hasGnuTar],
  ["libarchive's bsdtar", 'bsdtar', hasBsdtar],
] as const) {
  test.skipIf(!isThere)(
    `${name} places the files that were read (skipped where it is absent)`,
    async () => {
      for (const { bytes, read } of await quietOnes(600)) {
        expect(differences(read, await extractWithTar(program, bytes))).toEqual([]);
      }
    },
    120_000,
  );
}

test.skipIf(!hasPython)(
  "Python's tarfile reads the files that were read (skipped without python3)",
  async () => {
    const quiet = await quietOnes(2_000);
    const placed = await readWithPython(quiet.map(({ bytes }) => bytes));
    for (const [i, { read }] of quiet.entries()) expect(differences(read, placed[i]!)).toEqual([]);
  },
  120_000,
);

test('the comparison finds a file that was not read', async () => {
  const placed = await extractAsNpm(
    tar([
      { path: 'package/a', body: 'x' },
      { path: 'package/b', body: 'y' },
    ]),
  );
  expect(differences(new Map([['a', 'eA==']]), placed)).toEqual(['placed b']);
  expect(differences(new Map([...placed.files, ['c', '']]), placed)).toEqual(['did not place c']);
});
