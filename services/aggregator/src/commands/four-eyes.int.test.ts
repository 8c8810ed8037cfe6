import { defaultScope } from '@sluice/contracts';
import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
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
const scopes = scopesOf({ [defaultScope]: policy('refused'), 'team-a': policy('allowed') });
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

const decide = (state: 'approved' | 'rejected', purl: string, by: string, scope = defaultScope) =>
  decidePackage(state, { purl, scope, by, reason: 'looked at it', until: null, assessmentId: null }, deps);

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

it('a request in another scope, and one that was cancelled, bind nobody', async () => {
  const { purl } = await waiting('elsewhere', 'team-a');
  expect((await decide('approved', purl, 'test', 'team-a')).decision).toMatchObject({ state: 'approved' });
  expect((await decide('approved', purl, 'test')).decision).toMatchObject({ state: 'approved' });
  const cancelled = await waiting('cancelled');
  await sql`update items set outcome = null where request_id = ${cancelled.requestId}`;
  await sql`update requests set state = 'open', open_items = 1 where id = ${cancelled.requestId}`;
  await cancelRequest({ requestId: cancelled.requestId, by: 'test', reason: 'not needed' }, deps);
  expect((await decide('approved', cancelled.purl, 'test')).decision).toMatchObject({ state: 'approved' });
});
