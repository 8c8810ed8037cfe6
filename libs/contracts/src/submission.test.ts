import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readSubmission, submissionSchema } from './submission.ts';

const old = JSON.parse(
  await readFile(new URL('../fixtures/lists/submission.v1.json', import.meta.url), 'utf8'),
) as { items: object[] };
const hexOf = (letter: string, count: number) => Buffer.from(letter.repeat(count)).toString('hex');

it('a list that has the text of each pin is read as hashes, and what is not understood is noted', () => {
  const sha512 = { algorithm: 'sha512', hex: hexOf('a', 64) };
  const unreadable = { code: 'integrity.unreadable' };
  expect(readSubmission(old).items.map(({ name, pins, notes }) => [name, pins, notes])).toMatchObject([
    ['none', [], []],
    ['Pinned', [sha512], []],
    ['weak-beside', [{ algorithm: 'sha1', hex: hexOf('a', 20) }, sha512], []],
    ['unpadded', [{ algorithm: 'sha256', hex: hexOf('a', 32) }], []],
    [
      'two-contents',
      [sha512, { algorithm: 'sha512', hex: hexOf('b', 64) }],
      [{ code: 'resolved.elsewhere' }, unreadable],
    ],
    ['partly', [{ algorithm: 'sha384', hex: hexOf('a', 48) }], [unreadable]],
    ['junk', [], [{ ...unreadable, message: 'The pin "sha3-"AA"" cannot be compared with the bytes.' }]],
  ]);
});

it('a list of the present form is read as it is, and the old purl of a name with capitals is mended in both', () => {
  const list = readSubmission(old);
  expect(list.items[1]!.purl).toBe('pkg:npm/Pinned@1.0.0');
  expect(submissionSchema.parse(list)).toEqual(list);
  expect(readSubmission(JSON.parse(JSON.stringify(list)))).toEqual(list);
});

it('an item with neither pins nor the text of a pin is no item', () => {
  const [{ integrity: _, ...item }] = old.items as [Record<string, unknown>];
  expect(() => readSubmission({ ...old, items: [item] })).toThrow();
});
