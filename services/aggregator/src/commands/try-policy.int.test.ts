import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { aggregatorMigrations } from '../service.ts';
import { activatePolicies, listPolicies } from '../policies.ts';
import {
  admitAll,
  bringEvidence,
  scopesOf,
  submitItems,
  testDeps,
  testItem,
  type Findings,
} from '../../test/aggregator-kit.ts';
import { decidePackage } from './decide.ts';
import { tryPolicy } from './try-policy.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const deps = testDeps(sql);

/** A package version that a request has, with its evidence. */
async function inUse(name: string, findings: Findings = {}): Promise<string> {
  const item = testItem(name);
  await submitItems(deps, [item]);
  await admitAll(deps);
  const [row] = await sql<{ id: string }[]>`
    select id from assessments where purl = ${item.purl} and state = 'running'`;
  await bringEvidence(deps, item.purl!, row!.id, findings);
  return item.purl!;
}
const medium = {
  id: 'A-1',
  aliases: [],
  severity: 'medium' as const,
  score: null,
  summary: 'Bad',
  malicious: false,
  fixedIn: null,
};
const attempt = (policy: string, after: string | null = null) =>
  tryPolicy({ scope: 'default', policy: `version: 1\nname: tried\n${policy}`, after }, deps);

it('says what a policy would hold and free, why, and whom it hits, and changes nothing', async () => {
  const affected = await inUse('affected', {
    scan: { advisories: { status: 'matched', version: 'v1', matches: [medium] } },
  });
  const copyleft = await inUse('copyleft', { license: { expression: 'GPL-3.0-only', declared: 'GPL-3.0' } });
  const byPerson = await inUse('by-person', { license: { expression: 'GPL-3.0-only', declared: 'GPL-3.0' } });
  await decidePackage(
    'approved',
    { purl: byPerson, scope: 'default', by: 'mira', reason: 'ok', until: null, assessmentId: null },
    deps,
  );
  await inUse('clean');
  const before = await sql`select purl, decision::text, decision_sequence from packages order by purl`;
  const tried = await attempt('advisories: { medium: review }\nlicense: { review: [] }');
  expect(tried).toMatchObject({ digest: expect.stringMatching(/^tried@/), judged: 4, next: null });
  expect(tried.newlyHeld).toEqual([
    { purl: affected, codes: ['advisory.medium'], requests: 1, requesters: ['test'] },
  ]);
  expect(tried.newlyFree).toEqual([
    { purl: copyleft, codes: ['license.review'], requests: 1, requesters: ['test'] },
  ]);
  expect(await attempt('')).toMatchObject({ newlyHeld: [], newlyFree: [] });
  expect(await sql`select purl, decision::text, decision_sequence from packages order by purl`).toEqual(
    before,
  );
});

it('goes on behind the package version that the page before ended with', async () => {
  const all = await attempt('');
  expect(await attempt('', 'pkg:npm/clean@1.0.0')).toMatchObject({ judged: 1 });
  expect(all.judged).toBe(4);
});

it.each([
  ['licence: {}', 'policy.invalid'],
  ['a: [', 'policy.invalid'],
])('refuses a policy that cannot be read: %s', async (policy, code) => {
  await expect(attempt(policy)).rejects.toMatchObject({ code });
});

it('refuses a scope that there is not', async () => {
  await expect(
    tryPolicy({ scope: 'nowhere', policy: 'version: 1\nname: x', after: null }, deps),
  ).rejects.toMatchObject({ code: 'scope.unknown' });
});

it('each policy that comes into force is kept once, with its document, and is in the audit', async () => {
  const first = { ...deps, scopes: scopesOf({ default: 'version: 1\nname: first' }) };
  const second = {
    ...deps,
    scopes: scopesOf({
      default: 'version: 1\nname: second\nage: { cooldownHours: 48 }',
      'team-a': 'version: 1\nname: a',
    }),
  };
  // Replicas start together.
  await Promise.all([activatePolicies(first), activatePolicies(first)]);
  expect(await activatePolicies(second)).toBe(2);
  expect(await activatePolicies(second)).toBe(0);
  // Back to an earlier one: that is in force again, as another version.
  expect(await activatePolicies(first)).toBe(1);
  const { policies } = await listPolicies({ scopes: ['default'], limit: 10, after: null }, deps);
  expect(policies.map(({ version, name }) => `${version} ${name}`).toSorted()).toEqual([
    '1 first',
    '2 second',
    '3 first',
  ]);
  expect(policies.find(({ version }) => version === 2)).toMatchObject({
    digest: second.scopes.get('default')!.digest,
    document: { age: { cooldownHours: 48, clock: 'published' } },
  });
  const last = policies.at(-1)!;
  const { policies: none } = await listPolicies({ scopes: ['default'], limit: 10, after: last }, deps);
  expect(none).toEqual([]);
  const audit = await sql`select subject, detail from audit where action = 'activate-policy' order by id`;
  expect(audit.map(({ subject, detail }) => [subject, detail.version])).toEqual([
    ['policy of default', 1],
    ['policy of default', 2],
    ['policy of team-a', 1],
    ['policy of default', 3],
  ]);
});
