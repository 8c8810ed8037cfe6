import { decisionSchema, uuidV7, verdictSchema, type CreateWaiverInput } from '@sluice/contracts';
import { testPostgres, waitFor } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { aggregatorMigrations } from '../service.ts';
import { lockPackages, type PackageRow } from '../packages/decide-packages.ts';
import { wakePackages } from '../packages/wake-packages.ts';
import {
  begin,
  bringEvidence,
  scopesOf,
  submitItems,
  testDeps,
  testItem,
} from '../../test/aggregator-kit.ts';
import { createWaiver, endWaiver, listWaivers } from './waivers.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const clock = { now: new Date('2026-03-01T12:00:00Z') };
const deps = testDeps(sql, {
  now: () => clock.now,
  scopes: scopesOf({
    default: 'version: 1\nname: default',
    'team-a': 'version: 1\nname: team-a',
    'team-own': 'version: 1\nname: own\napproval: { selfApproval: allowed }',
    'team-two': 'version: 1\nname: two\napproval: { approvers: { advisory.critical: 2 } }',
    'team-all': 'version: 1\nname: all\napproval: { approvers: { "*": 2, license.review: 1 } }',
  }),
});
const hours = (count: number) => new Date(clock.now.getTime() + count * 3_600_000).toISOString();

const critical = (id: string, aliases: string[] = []) => ({
  id,
  aliases,
  severity: 'critical' as const,
  score: 9.8,
  summary: 'Bad',
  malicious: false,
  fixedIn: null,
});

let count = 0;
/** Versions of a package of its own that an advisory affects. @returns the package. */
async function affected(...versions: string[]): Promise<string> {
  const name = `pkg:npm/%40acme/waived-${(count += 1)}`;
  for (const version of versions) {
    const purl = `${name}@${version}`;
    await bringEvidence(deps, purl, await begin(sql, purl), {
      scan: { advisories: { status: 'matched', version: 'v1', matches: [critical('A-1', ['CVE-1'])] } },
    });
  }
  return name;
}

const waive = (name: string, changes: Partial<CreateWaiverInput> = {}) =>
  createWaiver(
    {
      id: uuidV7(),
      by: 'mira',
      reason: 'not called',
      scope: 'default',
      package: name,
      range: null,
      codes: ['advisory.critical'],
      advisories: [],
      until: hours(24),
      ...changes,
    },
    deps,
  );

async function standing(purl: string, scope = 'default') {
  const [row] = await sql<{ decision: unknown; verdict: unknown }[]>`
    select p.decision, v.verdict from packages p
      left join verdicts v on v.assessment_id = p.assessment_id and v.scope = p.scope
    where p.purl = ${purl} and p.scope = ${scope}`;
  return {
    decision: row!.decision === null ? null : decisionSchema.parse(row!.decision),
    verdict: verdictSchema.parse(row!.verdict),
  };
}

it('frees what it waives at once, with the reason in the verdict, and takes it back at its end', async () => {
  const name = await affected('1.0.0');
  const purl = `${name}@1.0.0`;
  expect((await standing(purl)).decision).toBeNull();
  const { waiver, judged } = await waive(name);
  expect(judged).toBe(1);
  const freed = await standing(purl);
  expect(freed.verdict).toMatchObject({
    outcome: 'approve',
    reasons: [{ code: 'advisory.critical', outcome: 'approve', waivedBy: waiver.id }],
  });
  expect(freed.decision).toMatchObject({ state: 'approved', reason: 'advisory.critical (waived)' });
  clock.now = new Date(waiver.until);
  expect(await wakePackages(deps)).toBe(1);
  const held = await standing(purl);
  expect(held.decision).toMatchObject({ state: 'recalled', reason: 'advisory.critical' });
  expect(held.verdict.reasons[0]).not.toHaveProperty('waivedBy');
});

it('counts for what is assessed while it holds', async () => {
  const name = await affected('1.0.0');
  await waive(name);
  const purl = `${name}@1.1.0`;
  await bringEvidence(deps, purl, await begin(sql, purl), {
    scan: { advisories: { status: 'matched', version: 'v1', matches: [critical('A-1')] } },
  });
  expect((await standing(purl)).decision).toMatchObject({ state: 'approved' });
});

it('is limited to its versions, its advisories and its scope', async () => {
  const name = await affected('1.0.0', '2.0.0-rc.1', '2.0.0');
  const other = await affected('1.0.0');
  await sql`insert into packages (purl, scope, assessment_id) select purl, 'team-a', assessment_id from packages where purl = ${`${name}@1.0.0`}`;
  await sql`insert into verdicts (assessment_id, scope, verdict) select p.assessment_id, 'team-a', v.verdict
    from packages p join verdicts v on v.assessment_id = p.assessment_id where p.purl = ${`${name}@1.0.0`} and p.scope = 'default'`;
  await waive(name, { range: '>=1.0.0 <2.0.0-0', advisories: ['CVE-1'] });
  const outcomes = async (purl: string, scope?: string) => (await standing(purl, scope)).verdict.outcome;
  expect(await outcomes(`${name}@1.0.0`)).toBe('approve');
  expect(await outcomes(`${name}@2.0.0-rc.1`)).toBe('review');
  expect(await outcomes(`${name}@2.0.0`)).toBe('review');
  expect(await outcomes(`${name}@1.0.0`, 'team-a')).toBe('review');
  expect(await outcomes(`${other}@1.0.0`)).toBe('review');
  await waive(other, { advisories: ['CVE-2'] });
  expect(await outcomes(`${other}@1.0.0`)).toBe('review');
});

it('ends early when somebody ends it, once, and both acts are in the audit', async () => {
  const name = await affected('1.0.0');
  const { waiver } = await waive(name);
  const end = (scopes: string[] | null = null) =>
    endWaiver({ id: waiver.id, by: 'noor', reason: 'fixed', scopes }, deps);
  await expect(end(['team-a'])).rejects.toMatchObject({ code: 'waiver.not-found' });
  expect(await end(['default'])).toMatchObject({
    judged: 1,
    waiver: { id: waiver.id, ended: { by: 'noor', reason: 'fixed' } },
  });
  expect((await standing(`${name}@1.0.0`)).decision).toMatchObject({ state: 'recalled' });
  await expect(end()).rejects.toMatchObject({ code: 'waiver.ended' });
  const audit = await sql`select actor, action from audit where subject = ${name} order by id`;
  expect([...audit]).toEqual([
    { actor: 'mira', action: 'waive' },
    { actor: 'noor', action: 'end-waiver' },
  ]);
});

it('that ends while a batch waits for the package version is over for the batch', async () => {
  const name = await affected('1.0.0');
  const { waiver } = await waive(name);
  let rows: Promise<PackageRow[]> = Promise.resolve([]);
  await sql.begin(async (tx) => {
    await tx`update waivers set ended = '{}' where id = ${waiver.id}`;
    await tx`update packages set wake_at = now() where purl = ${`${name}@1.0.0`}`;
    rows = sql.begin((other) => lockPackages(other, [`${name}@1.0.0`])) as Promise<PackageRow[]>;
    const isWaiting = async () => {
      const waiting = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting.length === 1;
    };
    await waitFor(isWaiting, { what: 'the batch to wait' });
  });
  expect(await rows).toMatchObject([{ waivers: null }]);
  await sql`delete from waivers where id = ${waiver.id}`;
});

it('sent again with the same id is the same waiver, and another one is refused', async () => {
  const name = await affected('1.0.0');
  const id = uuidV7();
  const until = hours(5);
  const first = await waive(name, { id, until });
  expect((await waive(name, { id, until })).waiver).toEqual(first.waiver);
  await expect(waive(name, { id, until, codes: ['license.review'] })).rejects.toMatchObject({
    code: 'idempotency.mismatch',
  });
});

it.each<[string, Partial<CreateWaiverInput>, string]>([
  ['what the policy lets nobody override', { codes: ['malware.known'] }, 'waiver.not-possible'],
  ['a reason of one lockfile', { codes: ['source.unpinned'] }, 'waiver.not-possible'],
  ['a code that there is not', { codes: ['advisory.terrible'] }, 'waiver.not-possible'],
  ['an end that has passed', { until: '2020-01-01T00:00:00Z' }, 'waiver.not-possible'],
  ['an end after a year', { until: '2030-01-01T00:00:00Z' }, 'waiver.not-possible'],
  ['a scope that there is not', { scope: 'team-x' }, 'scope.unknown'],
  ['a version in the package', { package: 'pkg:npm/a@1.0.0' }, 'input.invalid'],
  ['an unknown kind of package', { package: 'pkg:nothing/a' }, 'input.invalid'],
  ['words for a range', { range: 'all of them' }, 'input.invalid'],
  ['a range of npm’s own', { range: '^1.0.0' }, 'input.invalid'],
])('refuses %s', async (_, changes, code) => {
  await expect(waive('pkg:npm/refused', changes)).rejects.toMatchObject({ code });
  expect(
    (
      await listWaivers(
        { scopes: null, package: 'pkg:npm/refused', state: null, limit: 10, after: null },
        deps,
      )
    ).waivers,
  ).toEqual([]);
});

describe('what the policy wants other eyes for', () => {
  const made = async (name: string) => (await sql`select from waivers where package = ${name}`).length;

  it('is not waived by one where it wants two, by the code or for all others', async () => {
    const name = await affected('1.0.0');
    for (const [scope, codes] of [
      ['team-two', ['license.review', 'advisory.critical']],
      ['team-all', ['advisory.critical']],
    ] as const)
      await expect(waive(name, { scope, codes: [...codes] })).rejects.toMatchObject({
        code: 'waiver.needs-second',
        message: expect.stringMatching(/for advisory\.critical\.$/) as string,
      });
    expect(await made(name)).toBe(0);
    for (const scope of ['team-two', 'team-all']) await waive(name, { scope, codes: ['license.review'] });
    expect(await made(name)).toBe(2);
  });

  it('is not waived by who asked for a version of the package, in any scope, under any name', async () => {
    const item = testItem('waived-own');
    await submitItems(deps, [item], { scope: 'team-a' });
    const name = item.purl!.replace('@1.0.0', '');
    for (const who of [{ by: 'test' }, { by: 'bot', person: 'test' }, { otherNames: ['test'] }])
      await expect(waive(name, who)).rejects.toMatchObject({ code: 'decision.self' });
    expect(await made(name)).toBe(0);
    await waive(name);
    await waive(name, { by: 'test', isLocal: true });
    await waive(name, { by: 'test', scope: 'team-own' });
    await waive(`${name}-core`, { by: 'test' });
    expect(await made(name)).toBe(3);
  });
});

it('lists page by page, newest first, those that hold and those that have ended', async () => {
  const name = await affected('1.0.0');
  const ids: string[] = [];
  for (const until of [hours(1), hours(2), hours(3)]) ids.unshift((await waive(name, { until })).waiver.id);
  const list = async (
    state: 'holding' | 'ended' | null,
    after: { createdAt: string; id: string } | null = null,
  ) => (await listWaivers({ scopes: ['default'], package: name, state, limit: 2, after }, deps)).waivers;
  const first = await list(null);
  const rest = await list(null, first.at(-1)!);
  expect([...first, ...rest].map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  clock.now = new Date(hours(2));
  expect(await list('holding')).toHaveLength(1);
  expect(await list('ended')).toHaveLength(2);
  expect(
    await listWaivers({ scopes: ['team-a'], package: name, state: null, limit: 2, after: null }, deps),
  ).toEqual({ waivers: [] });
});
