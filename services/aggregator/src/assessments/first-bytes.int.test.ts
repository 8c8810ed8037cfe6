import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { aggregatorMigrations } from '../service.ts';
import { begin, bringEvidence, testDeps } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const purl = 'pkg:npm/replaced@1.0.0';
const deps = testDeps(sql, { now: () => new Date('2026-03-01T12:00:00Z') });

/** One assessment from beginning to end, with bytes of this hash. @returns its verdict. */
async function assess(sha512: string): Promise<{ outcome: string; codes: string[]; decision: string }> {
  const assessmentId = await begin(sql, purl);
  const digests = { sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512 };
  await bringEvidence(deps, purl, assessmentId, { download: { digests } });
  const [row] = await sql<{ verdict: { outcome: string; reasons: { code: string }[] }; decision: string }[]>`
    select v.verdict, p.decision ->> 'state' as decision from assessments a join packages p using (purl) join verdicts v on v.assessment_id = a.id
    where a.id = ${assessmentId}`;
  const { outcome, reasons } = row!.verdict;
  return { outcome, codes: reasons.map(({ code }) => code), decision: row!.decision };
}

it('the first bytes of a version stay the first: others are rejected, and what was approved is recalled', async () => {
  const first = 'a'.repeat(128);
  const other = 'b'.repeat(128);
  expect(await assess(first)).toEqual({ outcome: 'approve', codes: [], decision: 'approved' });
  const replaced = { outcome: 'reject', codes: ['integrity.changed'] };
  expect(await assess(other)).toMatchObject({ ...replaced, decision: expect.not.stringMatching('approved') });
  // However often they are served.
  expect(await assess(other)).toMatchObject(replaced);
  expect(await assess(first)).toMatchObject({ outcome: 'approve', codes: [] });
});
