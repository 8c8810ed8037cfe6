import {
  PermanentError,
  TransientError,
  approveCommand,
  createWaiverCommand,
  decideManyCommand,
  rejectCommand,
  uuidV7,
  type CreateWaiverInput,
  type DecideInput,
  type DecideManyInput,
} from '@sluice/contracts';
import { connectBus, serveCommand } from '@sluice/broker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testGateway } from '../gateway-kit.ts';

const { app, deps, nats } = await testGateway();
const received: { state: string; input: DecideInput }[] = [];
const waivers: CreateWaiverInput[] = [];
const acts: DecideManyInput[] = [];
let refusal: Error | undefined;
let serving: Awaited<ReturnType<typeof connectBus>>;

/** The owner of decisions as the gateway knows it: its commands and their answers. */
async function serve() {
  serving = await connectBus({ url: nats.url, service: 'aggregator', instance: 'test', log: deps.log });
  const handle = (state: 'approved' | 'rejected') => async (input: DecideInput) => {
    received.push({ state, input });
    if (refusal) throw refusal;
    const by = { kind: 'person' as const, name: input.by };
    const decision = {
      state,
      by,
      reason: input.reason,
      at: '2026-03-01T09:30:00Z',
      until: input.until,
      sequence: 2,
    };
    return { purl: input.purl, scope: input.scope, assessmentId: uuidV7(), decision };
  };
  serveCommand(serving, approveCommand, handle('approved'), deps.log);
  serveCommand(serving, rejectCommand, handle('rejected'), deps.log);
  serveCommand(
    serving,
    createWaiverCommand,
    async (input) => {
      waivers.push(input);
      throw new PermanentError('waiver.needs-second', 'this is why');
    },
    deps.log,
  );
  serveCommand(
    serving,
    decideManyCommand,
    async (input) => {
      acts.push(input);
      return { items: [], decided: 0, refused: 0 };
    },
    deps.log,
  );
  await serving.nc.flush();
}
beforeAll(serve);
beforeEach(() => {
  received.length = 0;
  refusal = undefined;
});
afterAll(() => serving.close());

const purl = 'pkg:npm/%40babel/core@7.0.0';
async function decide(verb: string, body: unknown, headers: Record<string, string> = {}, of = purl) {
  const response = await app.request(`/v1/packages/${encodeURIComponent(of)}/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const why = { by: 'noor', reason: 'only used at build time' };

it('a waiver says as whom the one who makes it counts', async () => {
  const response = await app.request('/v1/waivers?scope=default', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...why,
      package: 'pkg:npm/a',
      codes: ['license.review'],
      until: '2026-06-01T00:00:00Z',
    }),
  });
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ code: 'waiver.needs-second', detail: 'this is why' });
  expect(waivers).toMatchObject([{ by: 'noor', person: 'noor', otherNames: [], isLocal: true }]);
});

it('many decisions carry what was looked at of each, under its one canonical purl', async () => {
  const assessmentId = uuidV7();
  const packages = [
    'pkg:npm/a@1.0.0',
    { purl: 'pkg:npm/@babel/core@7.0.0', assessmentId, sequence: 2 },
    { purl: 'pkg:npm/b@1.0.0', assessmentId: null },
  ];
  const response = await app.request('/v1/decisions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...why, decision: 'approve', packages, expectedCount: 3 }),
  });
  expect(response.status).toBe(200);
  expect(acts).toMatchObject([{ purls: ['pkg:npm/a@1.0.0', purl, 'pkg:npm/b@1.0.0'] }]);
  expect(acts[0]!.looks).toEqual({
    [purl]: { assessmentId, sequence: 2 },
    'pkg:npm/b@1.0.0': { assessmentId: null, sequence: null },
  });
});

describe('a decision', () => {
  it.each([
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ])('to %s reaches its owner and is answered with what now holds', async (verb, state) => {
    const until = '2026-06-01T00:00:00Z';
    const answer = await decide(verb, { ...why, until });
    expect(answer).toMatchObject({
      status: 200,
      body: { purl, decision: { state, by: { name: 'noor' }, until } },
    });
    expect(received).toEqual([
      {
        state,
        input: {
          purl,
          scope: 'default',
          ...why,
          until,
          assessmentId: null,
          person: 'noor',
          otherNames: [],
          isLocal: true,
        },
      },
    ]);
  });

  it('names the package version by its one canonical purl', async () => {
    await decide('approve', why, {}, 'pkg:npm/@babel/core@7.0.0?repository_url=https://elsewhere.example');
    expect(received[0]?.input.purl).toBe(purl);
  });

  it.each([
    ['package.not-assessed', 409],
    ['decision.unchanged', 409],
    ['decision.blocked', 409],
    ['decision.self', 403],
    ['decision.stale', 409],
    ['package.not-found', 404],
  ] as const)('that is refused with %s is answered with %i and why', async (code, status) => {
    refusal = new PermanentError(code, 'this is why');
    expect(await decide('approve', why)).toMatchObject({ status, body: { code, detail: 'this is why' } });
  });

  it('that cannot be carried out now says when to come back', async () => {
    refusal = new TransientError('backend.unavailable', 'Postgres is not available.');
    const response = await app.request(`/v1/packages/${encodeURIComponent(purl)}/approve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(why),
    });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('that no aggregator can carry out is answered with 503, at once', async () => {
    await serving.close();
    expect(await decide('approve', why)).toMatchObject({
      status: 503,
      body: { code: 'backend.unavailable' },
    });
    await serve();
  });
});

describe('a decision that is none', () => {
  it.each<[string, unknown, Record<string, string>, number, string]>([
    ['of an empty name', { reason: 'r', by: '' }, {}, 400, 'input.invalid'],
    ['without why', { by: 'noor', reason: '' }, {}, 400, 'input.invalid'],
    ['until a time that is none', { ...why, until: 'tomorrow' }, {}, 400, 'input.invalid'],
    ['about an assessment that is none', { ...why, assessmentId: 'x' }, {}, 400, 'input.invalid'],
    ['as JSON that is none', '{', {}, 400, 'input.not-json'],
    ['as nothing', '', {}, 400, 'input.not-json'],
    [
      'as another media type',
      JSON.stringify(why),
      { 'content-type': 'text/plain' },
      415,
      'input.unsupported-media-type',
    ],
    ['of a size that nobody writes', { ...why, padding: 'x'.repeat(200_000) }, {}, 413, 'input.too-large'],
  ])('%s never reaches its owner', async (_, body, headers, status, code) => {
    const answer = await decide('approve', body, headers);
    expect(answer).toMatchObject({
      status,
      body: { code, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
    });
    expect(received).toEqual([]);
  });

  it.each(['application/json;', 'application/json;x', 'APPLICATION/JSON; charset=utf-8'])(
    'is refused for its fields, however %j is written',
    async (type) => {
      expect(await decide('approve', { ...why, by: '' }, { 'content-type': type })).toMatchObject({
        status: 400,
        body: { code: 'input.invalid' },
      });
    },
  );

  it('about a purl that is none never reaches its owner', async () => {
    expect(await decide('approve', why, {}, 'lodash')).toMatchObject({
      status: 400,
      body: { code: 'purl.invalid' },
    });
    expect(received).toEqual([]);
  });
});
