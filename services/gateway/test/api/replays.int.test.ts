import {
  listReplaysCommand,
  replayCommand,
  uuidV7,
  type ListReplaysInput,
  type ReplayInput,
} from '@sluice/contracts';
import { connectBus, serveCommand, type Bus } from '@sluice/broker';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { getJson, testGateway } from '../gateway-kit.ts';

const { app, deps, nats } = await testGateway();
const received: ReplayInput[] = [];
const listed: ListReplaysInput[] = [];
const replayed = [0, 1, 2].map((packages) => ({
  id: uuidV7(),
  filter: {
    stage: 'scan' as const,
    since: null,
    until: null,
    ecosystem: null,
    rulesVersion: null,
    advisoriesVersion: null,
    limit: 10,
  },
  by: 'mira',
  reason: 'new rules',
  createdAt: `2026-03-0${9 - packages}T09:30:00.000Z`,
  state: 'ended' as const,
  packages,
  waiting: 0,
  joined: 0,
  running: 0,
  assessed: packages,
  failed: 0,
  cancelled: 0,
}));

function list(input: ListReplaysInput) {
  listed.push(input);
  const from = replayed.findIndex(({ id }) => id === input.after?.id) + 1;
  return { replays: replayed.slice(from, from + input.limit) };
}
let serving: Bus;

beforeAll(async () => {
  serving = await connectBus({ url: nats.url, service: 'aggregator', instance: 'test', log: deps.log });
  const handle = async (input: ReplayInput) => {
    received.push(input);
    return {
      id: input.dryRun ? null : input.id,
      packages: 3,
      running: 1,
      repeated: received.filter(({ id }) => id === input.id).length > 1,
    };
  };
  serveCommand(serving, replayCommand, handle, deps.log);
  serveCommand(serving, listReplaysCommand, async (input) => list(input), deps.log);
  await serving.nc.flush();
});
beforeEach(() => void (received.length = 0));
afterAll(() => serving.close());

async function post(body: object, headers: Record<string, string> = {}) {
  const response = await app.request('/v1/replays', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ by: 'mira', reason: 'new rules', stage: 'scan', ...body }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

it('counts with 200, and replays with 202', async () => {
  expect(await post({ dryRun: true })).toMatchObject({
    status: 200,
    body: { id: null, packages: 3, running: 1, repeated: false },
  });
  const { status, body } = await post({ since: '2026-03-01T00:00:00Z', ecosystem: 'npm' });
  expect([status, body]).toEqual([202, { id: received[1]!.id, packages: 3, running: 1, repeated: false }]);
  const { id: _, ...rest } = received[1]!;
  expect(rest).toEqual({
    by: 'mira',
    reason: 'new rules',
    stage: 'scan',
    since: '2026-03-01T00:00:00Z',
    until: null,
    ecosystem: 'npm',
    rulesVersion: null,
    advisoriesVersion: null,
    limit: 100_000,
    dryRun: false,
  });
});

it('the same Idempotency-Key of the same person is the same replay, none is another each time', async () => {
  const key = { 'idempotency-key': 'k' };
  const sent: [object, Record<string, string>?][] = [[{}, key], [{}, key], [{ by: 'noor' }, key], [{}], [{}]];
  const marks: (string | null)[] = [];
  for (const [body, headers] of sent)
    marks.push((await post(body, headers)).headers.get('idempotency-replayed'));
  const ids = received.map(({ id }) => id);
  expect(ids[0]).toBe(ids[1]);
  expect(new Set(ids).size).toBe(4);
  expect(marks).toEqual([null, 'true', null, null, null]);
});

it.each([
  ['a stage that is none', { stage: 'scanner' }],
  ['a time that is none', { since: 'yesterday' }],
  ['an ecosystem that is a pattern', { ecosystem: 'n%' }],
  ['a limit of nothing', { limit: 0 }],
  ['nobody', { by: '' }],
])('%s is refused before anybody is asked', async (_, body) => {
  expect(await post(body)).toMatchObject({ status: 400, body: { code: 'input.invalid' } });
  expect(received).toEqual([]);
});

it('lists the replays of the aggregator, page by page', async () => {
  const first = await getJson(app, '/v1/replays?limit=2');
  expect(first.body.items.map(({ packages }: { packages: number }) => packages)).toEqual([0, 1]);
  const last = replayed[1]!;
  const second = await getJson(app, `/v1/replays?limit=2&cursor=${first.body.nextCursor as string}`);
  expect(listed.at(-1)).toEqual({ limit: 3, after: { createdAt: last.createdAt, id: last.id } });
  expect(second.body).toMatchObject({ items: [{ packages: 2 }], nextCursor: null });
});
