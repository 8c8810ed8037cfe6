import { expect, it } from 'vitest';
import { findLines } from './find-lines.ts';

const item = (name: string, version: string, ...paths: string[]) => ({
  name,
  version,
  purl: `pkg:npm/${name}@${version}`,
  paths,
});
const lines = (text: string, ...items: ReturnType<typeof item>[]) => findLines(Buffer.from(text), items);

it.each([
  [
    'package-lock.json',
    '{\n "packages": {\n  "": {},\n  "node_modules/a": {},\n',
    item('a', '1.0.0', 'node_modules/a'),
    4,
  ],
  ['pnpm-lock.yaml', 'packages:\n\n  a@1.0.0:\n    resolution: {}\n', item('a', '1.0.0', 'a@1.0.0'), 3],
  ['a scope in pnpm-lock.yaml', "packages:\n  '@s/a@1.0.0':\n", item('@s/a', '1.0.0', '@s/a@1.0.0'), 2],
  [
    'yarn.lock of Yarn 1',
    '# yarn lockfile v1\n\na@^1.0.0:\n  version "1.0.0"\n',
    item('a', '1.0.0', 'a@^1.0.0'),
    3,
  ],
  [
    'yarn.lock of Yarn 4',
    '"a@npm:^1":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n',
    item('a', '1.0.0', 'a@npm:1.0.0'),
    3,
  ],
  ['a list of purls', '# ours\npkg:npm/a@1.0.0\n', item('a', '1.0.0', 'line 2'), 2],
  ['CycloneDX', '{\n "bom-ref": "x",\n "purl": "pkg:npm/a@1.0.0"\n', item('a', '1.0.0', 'x'), 2],
  ['something else', 'nothing\n', item('a', '1.0.0', 'x'), undefined],
])('finds the line of an entry in %s', (_, text, wanted, line) => {
  expect(lines(text, wanted)).toEqual([line]);
});

it('takes a long line in bounded time', () => {
  expect(lines(`"${'a'.repeat(10_000_000)}"`, item('b', '1.0.0'))).toEqual([undefined]);
});
