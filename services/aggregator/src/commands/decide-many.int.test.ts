import type { DecideManyInput } from '@sluice/contracts';
import { testPostgres } from '@sluice/testkit';
import { beforeEach, expect, it } from 'vitest';
import { aggregatorMigrations } from '../service.ts';
import { begin, bringEvidence, scopesOf, testDeps, type Findings } from '../../test/aggregator-kit.ts';
import { decideMany } from './decide-many.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const deps = testDeps(sql);
const copyleft: Findings = { license: { expression: 'GPL-3.0-only', declared: 'GPL-3.0' } };
const unscanned: Findings = {
  scan: { advisories: { status: 'missing', version: null, matches: [] } },
};
const malicious = {
  id: 'MAL-1',
  aliases: [],
  severity: null,
  score: null,
  summary: 'Evil',
  malicious: true,
  fixedIn: null,
};
const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;

beforeEach(async () => {
  await sql`truncate endorsements, packages, assessments, verdicts, decisions, audit, outbox, outbox_waiting cascade`;
  for (const name of ['a', 'b']) await assess(name, copyleft);
  await assess('both', { ...copyleft, ...unscanned });
  await assess('clean', {});
  await assess('evil', { scan: { advisories: { status: 'matched', version: 'v', matches: [malicious] } } });
});

async function assess(name: string, findings: Findings): Promise<void> {
  await bringEvidence(deps, purlOf(name), await begin(sql, purlOf(name)), findings);
}

const many = (changes: Partial<DecideManyInput>) =>
  decideMany(
    {
      by: 'mira',
      reason: 'cleared',
      scope: 'default',
      state: 'approved',
      until: null,
      purls: null,
      code: null,
      expectedCount: null,
      dryRun: false,
      ...changes,
    },
    deps,
  );
const counts = async () => {
  const [row] = await sql`
    select (select count(*)::int from audit where actor = 'mira') as audit,
      (select count(*)::int from decisions where by_name = 'mira') as decisions,
      (select count(*)::int from outbox) as outbox`;
  return row!;
};

it('a preview says how each would be answered, and changes and tells nothing', async () => {
  const before = await counts();
  const preview = await many({ code: 'license.review', dryRun: true });
  expect(preview.items.map(({ purl, decision }) => [purl, decision?.state])).toEqual([
    [purlOf('a'), 'approved'],
    [purlOf('b'), 'approved'],
  ]);
  expect(await counts()).toEqual(before);
});

it('decides those that wait for one reason alone, each with a row in the audit', async () => {
  expect(await many({ code: 'license.review', expectedCount: 2 })).toMatchObject({ decided: 2, refused: 0 });
  const audit = await sql`select subject, action from audit where actor = 'mira' order by subject`;
  expect([...audit]).toEqual(['a', 'b'].map((name) => ({ subject: purlOf(name), action: 'approve' })));
  expect(await many({ code: 'license.review', expectedCount: 0 })).toMatchObject({ items: [] });
});

it('refuses what has another assessment or another decision than the preview said, and decides the rest', async () => {
  const purls = ['a', 'b', 'both', 'late'].map(purlOf);
  const { items } = await many({ purls, dryRun: true });
  const looks = Object.fromEntries(
    items.map(({ purl, assessmentId, sequence }) => [
      purl,
      { assessmentId: assessmentId ?? null, sequence: sequence ?? null },
    ]),
  );
  await assess('a', { ...copyleft, ...unscanned });
  await many({ purls: [purlOf('b')], state: 'rejected', by: 'noor', expectedCount: 1 });
  await assess('late', copyleft);
  const made = await many({ purls, looks, expectedCount: 4 });
  expect(made.items.map(({ decision, refusal }) => decision?.state ?? refusal?.code)).toEqual([
    'decision.stale',
    'decision.stale',
    'approved',
    'decision.stale',
  ]);
});

it('answers each by itself: one that is refused stops no other', async () => {
  const purls = ['evil', 'unknown', 'a', 'a'].map(purlOf);
  const made = await many({ purls, expectedCount: 3 });
  expect(made).toMatchObject({ decided: 1, refused: 2 });
  expect(made.items.map(({ purl, refusal }) => [purl, refusal?.code])).toEqual([
    [purlOf('evil'), 'decision.blocked'],
    [purlOf('unknown'), 'package.not-found'],
    [purlOf('a'), undefined],
  ]);
  const again = await many({ purls, expectedCount: 3 });
  expect(again.items[2]!.refusal).toMatchObject({ code: 'decision.unchanged' });
  expect((await counts())['audit']).toBe(1);
});

it('decides nothing when another number is chosen than was expected', async () => {
  const before = await counts();
  for (const expectedCount of [1, 3, null])
    await expect(many({ code: 'license.review', expectedCount })).rejects.toMatchObject({
      code: 'decision.count-differs',
    });
  expect(await counts()).toEqual(before);
});

it('refuses more than 500 of one reason', async () => {
  await sql`
    with more as (
      insert into packages (purl, assessment_id)
      select 'pkg:npm/more-' || n || '@1.0.0', assessment_id from packages, generate_series(1, 500) n
      where purl = ${purlOf('a')} returning purl)
    select count(*) from more`;
  await expect(many({ code: 'license.review', dryRun: true })).rejects.toMatchObject({
    code: 'decision.too-many',
  });
});

it('a preview of what needs two people leaves no approval behind, and says so', async () => {
  const twice = {
    ...deps,
    scopes: scopesOf({ default: 'version: 1\nname: twice\napproval: { approvers: { license.review: 2 } }' }),
  };
  const wish = {
    by: 'mira',
    reason: 'cleared',
    scope: 'default',
    state: 'approved' as const,
    until: null,
    purls: [purlOf('a')],
    code: null,
  };
  const preview = () => decideMany({ ...wish, expectedCount: null, dryRun: true }, twice);
  for (const { items } of [await preview(), await preview()])
    expect(items).toMatchObject([{ decision: null, refusal: { code: 'decision.needs-second' } }]);
  expect(await sql`select from endorsements`).toHaveLength(0);
  const act = (by: string) => decideMany({ ...wish, by, expectedCount: 1, dryRun: false }, twice);
  expect((await act('mira')).items[0]!.refusal).toMatchObject({ code: 'decision.needs-second' });
  expect((await act('noor')).items[0]!.decision).toMatchObject({ state: 'approved' });
});

it('refuses a scope that there is not', async () => {
  await expect(many({ code: 'license.review', scope: 'nowhere' })).rejects.toMatchObject({
    code: 'scope.unknown',
  });
});

it('where two people are wanted, a preview keeps no approval, and each is answered as waiting', async () => {
  const two = testDeps(sql, {
    scopes: scopesOf({ default: "version: 1\nname: p\napproval: { approvers: { '*': 2 } }" }),
  });
  const wish = {
    by: 'mira',
    reason: 'r',
    scope: 'default',
    state: 'approved' as const,
    until: null,
    purls: [purlOf('a')],
    code: null,
  };
  const codes = async (more: { dryRun: boolean; expectedCount: number | null; by?: string }) =>
    (await decideMany({ ...wish, ...more }, two)).items.map(({ refusal }) => refusal?.code ?? null);
  await sql`truncate endorsements`;
  expect(await codes({ dryRun: true, expectedCount: null })).toEqual(['decision.needs-second']);
  expect(await sql`select 1 from endorsements`).toEqual([]);
  expect(await codes({ dryRun: false, expectedCount: 1 })).toEqual(['decision.needs-second']);
  expect(await codes({ dryRun: true, expectedCount: null, by: 'noor' })).toEqual([null]);
  expect(await codes({ dryRun: false, expectedCount: 1, by: 'noor' })).toEqual([null]);
});
