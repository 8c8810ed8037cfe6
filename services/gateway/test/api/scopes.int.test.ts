import { packageLock } from '@sluice/ecosystems/npm/testkit';
import {
  approveCommand,
  decodeData,
  decodeEnvelope,
  requestSubmitted,
  uuidV7,
  type DecideInput,
} from '@sluice/contracts';
import { connectBus, serveCommand } from '@sluice/broker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getJson, insertPackage, insertRequest, purlOf, testGateway } from '../gateway-kit.ts';

const { app, deps, nats } = await testGateway();
const { own, read } = deps;
const json = { 'content-type': 'application/json' };
const lockfile = packageLock(3, [{ name: 'a', version: '1.0.0' }]);
const decided: DecideInput[] = [];

beforeAll(async () => {
  const serving = await connectBus({ url: nats.url, service: 'aggregator', instance: 't', log: deps.log });
  serveCommand(
    serving,
    approveCommand,
    async (input) => {
      decided.push(input);
      const { purl, scope, by, reason } = input;
      const made = { state: 'approved' as const, by: { kind: 'person' as const, name: by }, reason };
      const decision = { ...made, at: '2026-03-01T09:30:00Z', until: null, sequence: 1 };
      return { purl, scope, assessmentId: uuidV7(), decision };
    },
    deps.log,
  );
  await serving.nc.flush();
  afterAll(() => serving.close());
  await insertPackage(read, 'both', { outcome: 'approve', decision: 'approved' });
  await insertPackage(read, 'both', { scope: 'team-a', outcome: 'review' });
  await insertPackage(read, 'ours', { outcome: 'review' });
});

const submit = (query: string, headers: Record<string, string> = {}) =>
  app.request(`/v1/requests${query}`, { method: 'POST', body: lockfile, headers: { ...json, ...headers } });

it('a submission names its scope, which is default unless given', async () => {
  for (const [query, scope] of [
    ['', 'default'],
    ['?scope=team-a', 'team-a'],
  ] as const) {
    const { id } = (await (await submit(query)).json()) as { id: string };
    const [row] = await own<{ payload: string }[]>`select payload from outbox order by position desc limit 1`;
    expect(decodeData(requestSubmitted, decodeEnvelope(row!.payload)).data).toMatchObject({
      requestId: id,
      scope,
    });
    expect((await getJson(app, `/v1/requests/${id}`)).body).toMatchObject({ id, scope, state: 'queued' });
  }
  const listed = async (query: string) => {
    const { items } = (await getJson(app, `/v1/requests${query}`)).body as { items: { scope: string }[] };
    return items.map(({ scope }) => scope).toSorted();
  };
  expect(await listed('')).toEqual(['default', 'team-a']);
  expect(await listed('?scope=team-a')).toEqual(['team-a']);
});

it('a scope that there is none of is refused, and nothing is accepted', async () => {
  const before = await own`select count(*) from submissions`;
  const answer = await submit('?scope=team-z');
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    code: 'scope.unknown',
    detail: expect.stringContaining('default, team-a'),
  });
  expect((await submit('?scope=Team%20A')).status).toBe(400);
  expect(await own`select count(*) from submissions`).toEqual(before);
  for (const path of ['/v1/packages?', `/v1/packages/${purlOf('both')}?`, '/v1/requests?', '/v1/stats?'])
    expect(await getJson(app, `${path}scope=team-z`)).toMatchObject({
      status: 400,
      body: { code: 'scope.unknown' },
    });
});

it('the same key for another scope is another submission', async () => {
  const key = { 'idempotency-key': 'build-1' };
  expect((await submit('', key)).status).toBe(202);
  expect(await (await submit('', key)).json()).toMatchObject({ repeated: true });
  expect(await (await submit('?scope=team-a', key)).json()).toMatchObject({ code: 'idempotency.mismatch' });
});

it('a package version is shown with its verdict and decision in a scope', async () => {
  const shown = async (query: string) => (await getJson(app, `/v1/packages/${purlOf('both')}${query}`)).body;
  expect(await shown('')).toMatchObject({
    scope: 'default',
    outcome: 'approve',
    decision: { state: 'approved' },
  });
  expect(await shown('?scope=team-a')).toMatchObject({ scope: 'team-a', outcome: 'review', decision: null });
});

it('lists and counts are of a scope; what another scope had judged is there without a verdict', async () => {
  const listed = async (query: string) => {
    const { items } = (await getJson(app, `/v1/packages${query}`)).body as {
      items: { purl: string; outcome: string | null }[];
    };
    return items.map(({ purl, outcome }) => [purl, outcome]);
  };
  expect(await listed('?outcome=review&decision=none')).toEqual([[purlOf('ours'), 'review']]);
  expect(await listed('?outcome=review&decision=none&scope=team-a')).toEqual([[purlOf('both'), 'review']]);
  expect(await listed('?scope=team-a')).toEqual([
    [purlOf('both'), 'review'],
    [purlOf('ours'), null],
  ]);
  await read`
    insert into counts (kind, scope, key, count) values ('packages', '', 'assessed', 2), ('outcomes', 'default', 'review', 1),
      ('outcomes', 'team-a', 'review', 1), ('decisions', 'default', 'approved', 1), ('requests', 'team-a', 'open', 3)`;
  expect((await getJson(app, '/v1/stats?scope=team-a')).body).toMatchObject({
    scope: 'team-a',
    requests: { open: 3 },
    packages: { assessed: 2 },
    outcomes: { review: 1 },
    decisions: {},
  });
});

it('items and reasons of a request are those of its scope', async () => {
  const requestId = await insertRequest(read, ['both'], { scope: 'team-a' });
  const { items } = (await getJson(app, `/v1/requests/${requestId}/items`)).body as { items: object[] };
  expect(items).toMatchObject([{ decision: null, reasons: [{ outcome: 'review' }] }]);
  expect((await getJson(app, `/v1/requests/${requestId}`)).body).toMatchObject({
    scope: 'team-a',
    reasons: [{ outcome: 'review', items: 1 }],
  });
});

it('a decision is sent for its scope', async () => {
  const body = JSON.stringify({ by: 'noor', reason: 'needed' });
  const decide = (query: string) =>
    app.request(`/v1/packages/${purlOf('both')}/approve${query}`, { method: 'POST', headers: json, body });
  expect(await (await decide('?scope=team-a')).json()).toMatchObject({ scope: 'team-a' });
  expect(await (await decide('')).json()).toMatchObject({ scope: 'default' });
  expect(await (await decide('?scope=team-z')).json()).toMatchObject({ code: 'scope.unknown' });
  expect(decided.map(({ scope }) => scope)).toEqual(['team-a', 'default']);
});
