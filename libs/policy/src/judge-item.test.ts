import { otherHashDigits, otherHashesMax, type DownloadEvidence, type Pin } from '@sluice/contracts';
import { cleanEvidence } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { judgeItem } from './judge-item.ts';
import { parsePolicy } from './schema.ts';

const policy = parsePolicy('version: 1\nname: test\n');
const hexOf = (letter: string) => letter.repeat(64);
const pin = (letter: string): Pin => ({ algorithm: 'sha256', hex: hexOf(letter) });

/** A version with one assessed file `a`, and with others. */
function reasons(pins: string, others: string[] | undefined): string[] {
  const clean = cleanEvidence().download!;
  const digests = { sha1: '0'.repeat(40), sha256: hexOf('a'), sha512: '0'.repeat(128) };
  const otherHashes = others?.map((letter) => hexOf(letter).slice(0, otherHashDigits));
  const download = {
    ...clean,
    files: [{ ...clean.files[0]!, digests }],
    ...(otherHashes ? { otherHashes } : {}),
  } as DownloadEvidence;
  const item = { pins: Array.from(pins, pin), notes: [] };
  return judgeItem(item, download, policy).map(({ code, outcome }) => `${outcome} ${code}`);
}

it.each<[string, string[] | undefined, string[]]>([
  ['a', [], []],
  ['ab', ['b'], []],
  ['b', ['b'], ['review integrity.not-assessed']],
  ['c', ['b'], ['reject integrity.mismatch']],
  ['ac', ['b'], ['review integrity.not-assessed']],
  ['bc', ['b'], ['review integrity.not-assessed']],
  ['c', [], ['reject integrity.mismatch']],
  ['c', Array.from({ length: otherHashesMax }, () => 'b'), ['review integrity.not-assessed']],
  ['a', undefined, []],
  ['ac', undefined, []],
  ['c', undefined, ['reject integrity.mismatch']],
  ['', ['b'], []],
])('pins %s with the other files %j: %j', (pins, others, expected) => {
  expect(reasons(pins, others)).toEqual(expected);
});
