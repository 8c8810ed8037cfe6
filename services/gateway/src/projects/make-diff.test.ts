import { expect, it } from 'vitest';
import { makeDiff } from './make-diff.ts';

const items = (...purls: string[]) => purls.map((purl) => ({ purl, outcome: 'approve' }));

it('a difference tells packages that came, went and changed apart, each with its outcome', () => {
  const before = items('pkg:npm/a@1', 'pkg:npm/b@1', 'pkg:npm/%40s/c@1', 'pkg:npm/d@1', 'pkg:npm/d@2');
  const after = [
    ...items('pkg:npm/a@1', 'pkg:npm/%40s/c@2', 'pkg:npm/d@2', 'pkg:npm/d@3', 'pkg:pypi/b@1'),
    { purl: 'pkg:npm/e@1', outcome: 'reject' },
  ];
  expect(makeDiff(before, after)).toEqual({
    added: [
      { purl: 'pkg:npm/e@1', outcome: 'reject' },
      { purl: 'pkg:pypi/b@1', outcome: 'approve' },
    ],
    removed: items('pkg:npm/b@1'),
    changed: [
      { package: 'pkg:npm/%40s/c', from: items('pkg:npm/%40s/c@1'), to: items('pkg:npm/%40s/c@2') },
      { package: 'pkg:npm/d', from: items('pkg:npm/d@1'), to: items('pkg:npm/d@3') },
    ],
    unchangedCount: 2,
    truncated: false,
  });
});

it('of much it has the first entries, and says so', () => {
  const many = items(...Array.from({ length: 1_001 }, (_, at) => `pkg:npm/p${at}@1`));
  const { added, truncated } = makeDiff([], many);
  expect([added.length, truncated]).toEqual([1_000, true]);
  expect(makeDiff(many, many)).toMatchObject({ unchangedCount: 1_001, truncated: false });
});
