import type { Decision } from '@sluice/contracts';
import { cleanDownload, cleanLicense, cleanRegistry, cleanScan } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { scopesOf } from '../../test/aggregator-kit.ts';
import type { Assessment } from '../assessments/assessment.ts';
import { decideAll, judgeAll, type PackageRow } from './decide-packages.ts';

const now = new Date('2026-03-01T12:00:00Z');
const purl = 'pkg:npm/a@1.0.0';
const assessment: Assessment = {
  id: '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11',
  purl,
  lane: 'bulk',
  attempt: 1,
  state: 'running',
  stage: 'scan',
  traceparent: '',
  requestedAt: now,
  registry: cleanRegistry(),
  license: cleanLicense(),
  download: cleanDownload(),
  scan: cleanScan(),
};
const scopes = scopesOf({
  default: 'version: 1\nname: ours',
  careful: 'version: 1\nname: careful\nlicense: { review: [MIT] }',
  manual: 'version: 1\nname: manual\napproval: { approve: manual }',
  never: 'version: 1\nname: never\nlicense: { deny: [MIT] }',
});
const rowIn = (scope: string, changes: Partial<PackageRow> = {}): PackageRow => ({
  purl,
  scope,
  assessmentId: null,
  decision: null,
  sequence: 0,
  firstBytes: null,
  firstSigner: null,
  seenAt: null,
  waivers: null,
  ...changes,
});
const decide = (...rows: PackageRow[]) =>
  decideAll(
    judgeAll(
      rows.map((row) => ({ row, assessment })),
      scopes,
      now,
    ),
    now,
  );

it.each([
  ['default', 'approve', 'approved'],
  ['careful', 'review', undefined],
  ['manual', 'approve', undefined],
  ['never', 'reject', 'rejected'],
])('the same evidence in %s is judged %s and decided %s', (scope, outcome, state) => {
  const [one] = decide(rowIn(scope));
  expect([one!.verdict.outcome, one!.decision?.state]).toEqual([outcome, state]);
  expect(one!.verdict.policyVersion).toBe(scopes.get(scope)!.digest);
});

it('a decision follows on those of its own scope', () => {
  const approved: Decision = {
    state: 'approved',
    by: { kind: 'policy', name: 'careful' },
    reason: 'nothing found',
    at: '2026-02-01T12:00:00Z',
    until: null,
    sequence: 7,
  };
  const [first, second] = decide(rowIn('default'), rowIn('careful', { decision: approved, sequence: 7 }));
  expect(first!.decision).toMatchObject({ state: 'approved', sequence: 1 });
  expect(second!.decision).toMatchObject({ state: 'recalled', sequence: 8 });
});

it('a scope that is not configured has no verdict', () => {
  expect(decide(rowIn('gone'), rowIn('default')).map(({ row }) => row.scope)).toEqual(['default']);
});
