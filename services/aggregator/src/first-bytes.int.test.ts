import { uuidV7 } from '@sluice/contracts';
import { cleanDownload, cleanLicense, cleanScan, exampleEvent, testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { onEvidence } from './on-evidence.ts';
import { aggregatorMigrations } from './service.ts';
import { testDeps } from '../test/aggregator-kit.ts';

const postgres = await testPostgres([aggregatorMigrations]);
const sql = postgres.connect('aggregator');
const purl = 'pkg:npm/replaced@1.0.0';
const deps = testDeps(sql, { now: () => new Date('2026-03-01T12:00:00Z') });

/** One assessment from beginning to end, with bytes of this hash. @returns its verdict. */
async function assess(sha512: string): Promise<{ outcome: string; codes: string[]; decision: string }> {
  const assessmentId = uuidV7();
  await sql`insert into packages (purl) values (${purl}) on conflict do nothing`;
  await sql`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    values (${assessmentId}, ${purl}, 'bulk', ${`00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`}, now(), now())`;
  const about = { assessmentId, purl, lane: 'bulk' as const, attempt: 1 };
  const digests = { sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512 };
  const facts = [
    exampleEvent('pkg.licensed', { ...about, license: cleanLicense() }),
    exampleEvent('pkg.downloaded', { ...about, download: cleanDownload({ digests }) }),
    exampleEvent('pkg.scanned', { ...about, scan: cleanScan() }),
  ];
  await onEvidence(deps)(
    facts.map((event, index) => ({ event: event as never, traceparent: undefined, sequence: index + 1 })),
  );
  const [row] = await sql<{ verdict: { outcome: string; reasons: { code: string }[] }; decision: string }[]>`
    select a.verdict, p.decision ->> 'state' as decision from assessments a join packages p using (purl)
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
