import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { aggregatorMigrations } from '../service.ts';
import { begin, bringEvidence, testDeps } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const deps = testDeps(sql);
const [first, other] = ['A'.repeat(40), 'B'.repeat(40)] as const;

/** One assessment from beginning to end, of files that a key signed. @returns codes of its verdict. */
async function assess(purl: string, signer: string | null): Promise<string[]> {
  const assessmentId = await begin(sql, purl);
  await bringEvidence(deps, purl, assessmentId, { registry: { signer } });
  const [row] = await sql<{ reasons: { code: string }[] }[]>`
    select verdict -> 'reasons' as reasons from verdicts where assessment_id = ${assessmentId}`;
  return row!.reasons.map(({ code }) => code);
}

it('the key that signed the first files of a namespace stays the first, for all that is in it', async () => {
  const purlOf = (name: string, version = '1.0.0') => `pkg:terraform/registry.example/${name}@${version}`;
  expect(await assess(purlOf('acme/unsigned'), null)).toEqual([]);
  expect(await assess(purlOf('acme/thing'), first)).toEqual([]);
  expect(await assess(purlOf('acme/other'), first)).toEqual([]);
  expect(await assess(purlOf('acme/thing', '1.1.0'), other)).toEqual(['signature.key-changed']);
  // However often it comes.
  expect(await assess(purlOf('acme/thing', '1.1.0'), other)).toEqual(['signature.key-changed']);
  expect(await assess(purlOf('elsewhere/thing'), other)).toEqual([]);
  expect(await sql`select namespace, key from signing_keys order by namespace`).toMatchObject([
    { namespace: 'pkg:terraform/registry.example/acme', key: first },
    { namespace: 'pkg:terraform/registry.example/elsewhere', key: other },
  ]);
});
