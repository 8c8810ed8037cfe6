import { decisionSchema, type DecideInput } from '@sluice/contracts';
import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { decidePackage } from '../commands/decide.ts';
import { aggregatorMigrations } from '../service.ts';
import { wakePackages } from '../packages/wake-packages.ts';
import { begin, bringEvidence, scopesOf, testDeps, type Findings } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const clock = { now: new Date('2026-03-01T12:00:00Z') };
const deps = testDeps(sql, { now: () => clock.now });
const later = (seconds: number) => new Date(clock.now.getTime() + seconds * 1_000).toISOString();
const pass = (seconds: number) => (clock.now = new Date(later(seconds)));

const toReview: Findings = { license: { expression: 'GPL-3.0-only', declared: 'GPL-3.0' } };
let count = 0;

/** A new package version with an assessment. */
async function assess(findings: Findings = {}, of = deps): Promise<string> {
  count += 1;
  const purl = `pkg:npm/ends-${count}@1.0.0`;
  await bringEvidence(of, purl, await begin(sql, purl), findings);
  return purl;
}

const decide = (purl: string, state: 'approved' | 'rejected', changes: Partial<DecideInput> = {}) =>
  decidePackage(
    state,
    {
      purl,
      scope: 'default',
      by: 'mira',
      reason: 'looked at it',
      until: null,
      assessmentId: null,
      ...changes,
    },
    deps,
  );

async function holding(purl: string) {
  const [row] = await sql<{ decision: unknown }[]>`select decision from packages where purl = ${purl}`;
  return row!.decision === null ? null : decisionSchema.parse(row!.decision);
}

/** Types of the events about a package version, in order. */
async function told(purl: string): Promise<string[]> {
  const rows = await sql<{ payload: string }[]>`
    select payload from outbox where subject <> 'audit.recorded' order by position`;
  return rows
    .map(({ payload }) => JSON.parse(payload) as { type: string; subject: string })
    .filter(({ subject }) => subject === purl)
    .map(({ type }) => type);
}

it('an end that has passed is refused, and nothing is decided', async () => {
  const purl = await assess(toReview);
  for (const until of [later(0), later(-1), '2020-01-01T00:00:00Z']) {
    await expect(decide(purl, 'approved', { until })).rejects.toMatchObject({
      code: 'decision.ends-in-past',
    });
  }
  expect(await holding(purl)).toBeNull();
});

it('an approval stops holding at its end, with event and audit, and waits for a person again', async () => {
  const purl = await assess(toReview);
  await decide(purl, 'approved', { until: later(60) });
  pass(59);
  expect(await wakePackages(deps)).toBe(0);
  expect(await holding(purl)).toMatchObject({ state: 'approved', by: { name: 'mira' } });
  pass(1);
  expect(await wakePackages(deps)).toBe(1);
  expect(await holding(purl)).toBeNull();
  expect(await told(purl)).toEqual(['pkg.assessed', 'pkg.approved', 'pkg.assessed', 'pkg.decision-ended']);
  const audit = await sql`select action, actor from audit where subject = ${purl} order by id`;
  expect(audit).toEqual([
    { action: 'approve', actor: 'mira' },
    { action: 'decision-ended', actor: 'policy' },
  ]);
  // It ends once.
  pass(3_600);
  expect(await wakePackages(deps)).toBe(0);
});

it('what the policy thinks counts again once a rejection has ended', async () => {
  const purl = await assess();
  await decide(purl, 'rejected', { until: later(60) });
  pass(60);
  await wakePackages(deps);
  expect(await holding(purl)).toMatchObject({ state: 'approved', by: { kind: 'policy' } });
  expect((await told(purl)).slice(-2)).toEqual(['pkg.decision-ended', 'pkg.approved']);
});

it('an end is told before the decision that follows it, also when a person is first to notice', async () => {
  const purl = await assess(toReview);
  await decide(purl, 'approved', { until: later(60) });
  pass(60);
  await decide(purl, 'approved', { reason: 'once more' });
  expect((await told(purl)).slice(-2)).toEqual(['pkg.decision-ended', 'pkg.approved']);
  expect(await wakePackages(deps)).toBe(0);
});

it('another end or another reason is a new decision; the same is none', async () => {
  const purl = await assess(toReview);
  await decide(purl, 'approved', { until: later(60) });
  await expect(decide(purl, 'approved', { until: later(60) })).rejects.toMatchObject({
    code: 'decision.unchanged',
  });
  const until = later(120);
  await decide(purl, 'approved', { until });
  await decide(purl, 'approved', { until, reason: 'the reason was wrong' });
  expect(await holding(purl)).toMatchObject({ sequence: 3, until, reason: 'the reason was wrong' });
  pass(61);
  expect(await wakePackages(deps)).toBe(0);
});

const patience = scopesOf({ default: 'version: 1\nname: patient\nage: { cooldownHours: 1 }' });

it('a cooldown that is over is judged anew from what is recorded', async () => {
  const patient = { ...deps, scopes: patience };
  const purl = await assess({ registry: { publishedAt: later(-3_590) } }, patient);
  expect(await holding(purl)).toBeNull();
  pass(9);
  expect(await wakePackages(patient)).toBe(0);
  pass(1);
  expect(await wakePackages(patient)).toBe(1);
  expect(await holding(purl)).toMatchObject({ state: 'approved', by: { kind: 'policy', name: 'patient' } });
  expect(await told(purl)).toEqual(['pkg.assessed', 'pkg.assessed', 'pkg.approved']);
  const [row] =
    await sql`select v.verdict ->> 'outcome' as outcome from verdicts v join assessments a on a.id = v.assessment_id
    where a.purl = ${purl}`;
  expect(row).toEqual({ outcome: 'approve' });
});

it('the fix of an advisory that is found in use does not wait for its age', async () => {
  const name = `pkg:npm/fixed-${Math.random().toString(36).slice(2)}`;
  const gained = { since: '1.0.0', publisherBefore: null, dependencies: [] };
  const bring = async (version: string, findings: Findings) =>
    bringEvidence(deps, `${name}@${version}`, await begin(sql, `${name}@${version}`), findings);
  await bring('1.0.0', {});
  await bring('1.0.1', { registry: { publishedAt: later(-60), gained } });
  expect(await holding(`${name}@1.0.1`)).toBeNull();
  const match = {
    id: 'A-1',
    aliases: [],
    severity: 'critical' as const,
    score: null,
    summary: 'Bad',
    malicious: false,
    fixedIn: '1.0.1',
  };
  await bring('1.0.0', { scan: { advisories: { status: 'matched', version: 'v2', matches: [match] } } });
  expect(await holding(`${name}@1.0.0`)).toMatchObject({ state: 'recalled' });
  expect(await wakePackages(deps)).toBe(1);
  expect(await holding(`${name}@1.0.1`)).toMatchObject({ state: 'approved', reason: 'age.fix-exempt' });
});

it('a publish time that nobody states counts as within the cooldown', async () => {
  const patient = { ...deps, scopes: patience };
  const purl = await assess({ registry: { publishedAt: null } }, patient);
  const [row] = await sql<
    { verdict: { reasons: object[] } }[]
  >`select v.verdict from verdicts v join assessments a on a.id = v.assessment_id where a.purl = ${purl}`;
  expect(row!.verdict.reasons).toMatchObject([{ code: 'age.unknown', outcome: 'review' }]);
});

it('a decision names the bytes that it is about, and an approval of a person does not outlast them', async () => {
  const digests = (character: string) => ({
    sha1: '0'.repeat(40),
    sha256: '0'.repeat(64),
    sha512: character.repeat(128),
  });
  const purl = await assess({ ...toReview, download: { digests: digests('a') } });
  const { decision } = await decide(purl, 'approved');
  expect(decision.digests).toEqual([`sha512:${'a'.repeat(128)}`]);
  expect(await sql`select digests from decisions where purl = ${purl}`).toEqual([
    { digests: decision.digests },
  ]);

  const assessAgain = async (character: string) =>
    bringEvidence(deps, purl, await begin(sql, purl), {
      ...toReview,
      download: { digests: digests(character) },
    });
  await assessAgain('a');
  expect(await holding(purl)).toMatchObject({ state: 'approved', sequence: 1 });
  await assessAgain('b');
  expect(await holding(purl)).toMatchObject({
    state: 'rejected',
    by: { kind: 'policy' },
    reason: 'integrity.changed',
  });
  await assessAgain('a');
  expect((await holding(purl))!.state).not.toBe('approved');
});
