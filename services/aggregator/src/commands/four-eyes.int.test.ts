import { defaultScope, type DecideInput } from '@sluice/contracts';
import { testPostgres } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import {
  admitAll,
  bringEvidence,
  scopesOf,
  submitItems,
  testDeps,
  testItem,
} from '../../test/aggregator-kit.ts';
import { aggregatorMigrations } from '../service.ts';
import { cancelRequest } from './cancel-request.ts';
import { decidePackage } from './decide.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const policy = (selfApproval: string) => `version: 1\nname: p\napproval: { selfApproval: ${selfApproval} }`;
const two = 'version: 1\nname: p\napproval: { selfApproval: refused, approvers: { license.review: 2 } }';
const scopes = scopesOf({
  [defaultScope]: policy('refused'),
  'team-a': policy('allowed'),
  'team-local': policy('local'),
  'team-two': two,
});
const deps = testDeps(sql, { scopes });

/** A package version that `test` asked for, and that waits for a person. */
async function waiting(name: string, scope = defaultScope): Promise<{ purl: string; requestId: string }> {
  const item = testItem(name);
  const requestId = await submitItems(deps, [item], { scope });
  await admitAll(deps);
  const [row] = await sql<{ id: string }[]>`
    select id from assessments where purl = ${item.purl} and state = 'running'`;
  const copyleft = { license: { expression: 'GPL-3.0-only', declared: 'GPL-3.0' } };
  await bringEvidence(deps, item.purl!, row!.id, copyleft);
  return { purl: item.purl!, requestId };
}

const decide = (
  state: 'approved' | 'rejected',
  purl: string,
  by: string,
  scope = defaultScope,
  more: Partial<DecideInput> = {},
) =>
  decidePackage(
    state,
    { purl, scope, by, reason: 'looked at it', until: null, assessmentId: null, ...more },
    deps,
  );

it('a requester approves nothing that waits for a person, and anybody else does', async () => {
  const { purl } = await waiting('asked');
  await expect(decide('approved', purl, 'test')).rejects.toMatchObject({ code: 'decision.self' });
  const [row] = await sql`select decision from packages where purl = ${purl}`;
  expect(row).toEqual({ decision: null });
  expect((await decide('approved', purl, 'mira')).decision).toMatchObject({ state: 'approved' });
});

it('a requester may reject what they asked for', async () => {
  const { purl } = await waiting('regretted');
  expect((await decide('rejected', purl, 'test')).decision).toMatchObject({ state: 'rejected' });
});

it('who asked is bound in every scope whose policy says so, and free where it does not', async () => {
  const { purl } = await waiting('elsewhere', 'team-a');
  await expect(decide('approved', purl, 'test')).rejects.toMatchObject({ code: 'decision.self' });
  expect((await decide('approved', purl, 'test', 'team-a')).decision).toMatchObject({ state: 'approved' });
});

it('a request that was cancelled binds who asked', async () => {
  const { purl, requestId } = await waiting('cancelled');
  await sql`update items set outcome = null where request_id = ${requestId}`;
  await sql`update requests set state = 'open', open_items = 1 where id = ${requestId}`;
  await cancelRequest({ requestId, by: 'test', reason: 'not needed' }, deps);
  await expect(decide('approved', purl, 'test')).rejects.toMatchObject({ code: 'decision.self' });
});

it.each(['approve', 'review', 'reject', 'failed'])(
  'an item that ended with %s binds who asked',
  async (outcome) => {
    const { purl, requestId } = await waiting(`ended-${outcome}`);
    await sql`update items set outcome = ${outcome} where request_id = ${requestId}`;
    await expect(decide('approved', purl, 'test')).rejects.toMatchObject({ code: 'decision.self' });
  },
);

it('what was recalled is not approved again by who asked', async () => {
  const { purl } = await waiting('recalled');
  await decide('approved', purl, 'mira');
  await sql`update items set outcome = 'approve' where purl = ${purl}`;
  await sql`
    update packages set decision = jsonb_set(decision::jsonb, '{state}', '"recalled"')::json where purl = ${purl}`;
  await expect(decide('approved', purl, 'test')).rejects.toMatchObject({ code: 'decision.self' });
});

it('a person does not approve what a service of theirs asked for, nor a service what its person did', async () => {
  const { purl } = await waiting('by-service');
  await expect(
    decide('approved', purl, 'mira', defaultScope, { otherNames: ['test'] }),
  ).rejects.toMatchObject({
    code: 'decision.self',
    message: expect.stringContaining('as test') as string,
  });
  await expect(decide('approved', purl, 'bot', defaultScope, { person: 'test' })).rejects.toMatchObject({
    code: 'decision.self',
  });
});

it('the user of the machine alone approves their own where the policy says local, and an older gateway does not say so', async () => {
  const { purl } = await waiting('local', 'team-local');
  await expect(decide('approved', purl, 'test', 'team-local')).rejects.toMatchObject({
    code: 'decision.self',
  });
  const done = await decide('approved', purl, 'test', 'team-local', { isLocal: true });
  expect(done.decision.state).toBe('approved');
});

describe('where the policy wants two people', () => {
  const scope = 'team-two';
  const endorsed = async (purl: string) =>
    (await sql`select by from endorsements where purl = ${purl} order by at`).map(({ by }) => by as string);

  it('the first approval is kept and told, and the second one decides, until the earlier end', async () => {
    const { purl } = await waiting('two', scope);
    const until = '2126-03-01T00:00:00.000Z';
    await expect(decide('approved', purl, 'mira', scope, { until })).rejects.toMatchObject({
      code: 'decision.needs-second',
    });
    const [row] = await sql`select decision from packages where purl = ${purl} and scope = ${scope}`;
    expect(row).toEqual({ decision: null });
    const [told] = await sql`select count(*)::int as events from outbox where subject like 'pkg.endorsed%'`;
    expect(told).toEqual({ events: 1 });
    const { decision } = await decide('approved', purl, 'noor', scope);
    expect(decision).toMatchObject({ state: 'approved', by: { name: 'noor' }, endorsedBy: ['mira'], until });
  });

  it('an approval that has ended is none, and can be given again', async () => {
    const { purl } = await waiting('ended-first', scope);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const later = testDeps(sql, { scopes, now: () => new Date(until) });
    const wish = { purl, scope, reason: 'looked at it', assessmentId: null };
    const needsSecond = { code: 'decision.needs-second' };
    await expect(decide('approved', purl, 'mira', scope, { until })).rejects.toMatchObject(needsSecond);
    const again = (by: string) => decidePackage('approved', { ...wish, by, until: null }, later);
    await expect(again('noor')).rejects.toMatchObject(needsSecond);
    await sql`delete from endorsements where purl = ${purl} and by = 'noor'`;
    await expect(again('mira')).rejects.toMatchObject(needsSecond);
    expect(await endorsed(purl)).toEqual(['mira', 'mira']);
    expect((await again('noor')).decision).toMatchObject({ endorsedBy: ['mira'], until: null });
  });

  it('one person is one, by whatever name, and however often', async () => {
    const { purl } = await waiting('one-person', scope);
    for (const [by, person] of [
      ['mira', 'mira'],
      ['mira', 'mira'],
      ['mira-bot', 'mira'],
    ])
      await expect(decide('approved', purl, by!, scope, { person: person! })).rejects.toMatchObject({
        code: 'decision.needs-second',
      });
    expect(await endorsed(purl)).toEqual(['mira']);
    const audited = await sql`select 1 from audit where subject = ${purl} and action = 'endorse'`;
    expect(audited).toHaveLength(1);
  });

  it('two who approve at once are two', async () => {
    const { purl } = await waiting('at-once', scope);
    const done = await Promise.allSettled(['mira', 'noor'].map((by) => decide('approved', purl, by, scope)));
    expect(done.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('a rejection takes one, and what was approved before it counts no more', async () => {
    const { purl } = await waiting('refused', scope);
    await expect(decide('approved', purl, 'mira', scope)).rejects.toMatchObject({
      code: 'decision.needs-second',
    });
    expect((await decide('rejected', purl, 'noor', scope)).decision.state).toBe('rejected');
    await expect(decide('approved', purl, 'noor', scope)).rejects.toMatchObject({
      code: 'decision.needs-second',
    });
  });

  it('the requester is none of them', async () => {
    const { purl } = await waiting('not-own', scope);
    await expect(decide('approved', purl, 'test', scope)).rejects.toMatchObject({ code: 'decision.self' });
    expect(await endorsed(purl)).toEqual([]);
  });

  it('in an emergency one is enough, for a day at most, with a ticket in decision and audit', async () => {
    const { purl } = await waiting('emergency', scope);
    const emergency = { ticket: 'INC-7' };
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    for (const until of [null, inHours(25)])
      await expect(decide('approved', purl, 'test', scope, { emergency, until })).rejects.toMatchObject({
        code: 'decision.emergency-too-long',
      });
    const { decision } = await decide('approved', purl, 'test', scope, { emergency, until: inHours(8) });
    expect(decision).toMatchObject({ state: 'approved', emergency });
    const [act] =
      await sql`select action, detail from audit where subject = ${purl} order by id desc limit 1`;
    expect(act).toMatchObject({ action: 'approve-emergency', detail: { ticket: 'INC-7' } });
  });
});
