import {
  PermanentError,
  cancelBatchCommand,
  cancelCommand,
  findRefreshCommand,
  listReplaysCommand,
  refreshProjectCommand,
  retryCommand,
  steerReplayCommand,
  uuidV7,
  type RefreshProjectInput,
  type ReplaysOutput,
} from '@sluice/contracts';
import { connectBus, serveCommand } from '@sluice/broker';
import { withOutbox } from '@sluice/delivery';
import type { Role } from '@sluice/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getJson, insertBatch, insertPackage, insertRequest, testGateway } from '../test/gateway-kit.ts';
import { aRefresh } from '../test/project-examples.ts';
import { createKey, findKey } from './access/api-keys.ts';
import { authenticator } from '@sluice/identity';
import { createApp } from './app.ts';

const { app, deps, nats } = await testGateway();
const guarded = createApp({
  ...deps,
  authenticate: authenticator({
    findKey: (id) => findKey(deps.own, id),
    localKey: undefined,
    isOpen: false,
    localName: 'mira',
  }),
});
let replay: ReplaysOutput['replays'][number];
const queued = aRefresh({
  projectId: uuidV7(),
  scope: 'team-a',
  by: 'noor',
  state: 'queued',
  toCommit: null,
  counts: null,
});
const sent: [string, Record<string, unknown>][] = [];
const serving = await connectBus({ url: nats.url, service: 'aggregator', instance: 'test', log: deps.log });
afterAll(() => serving.close());

beforeAll(async () => {
  const answer =
    <Output>(name: string, output: Output) =>
    async (input: Record<string, unknown>) => {
      sent.push([name, input]);
      return output;
    };
  const id = uuidV7();
  serveCommand(
    serving,
    cancelCommand,
    answer('cancel', { requestId: id, items: 3, assessments: 1 }),
    deps.log,
  );
  serveCommand(serving, cancelBatchCommand, answer('cancel-batch', { batchId: id, requests: 2 }), deps.log);
  serveCommand(serving, retryCommand, answer('retry', { items: 4, requests: 1, packages: 4 }), deps.log);
  const list = async ({ id: asked }: { id?: string | null }) => ({
    replays: asked === replay.id ? [replay] : [],
  });
  serveCommand(serving, listReplaysCommand, list, deps.log);
  const steer = async (input: { id: string; action: string }) => {
    sent.push([input.action, input]);
    if (input.id !== replay.id) throw new PermanentError('replay.not-found');
    return { id: input.id, packages: 5 };
  };
  serveCommand(serving, steerReplayCommand, steer, deps.log);
  const find = async ({ refreshId }: { refreshId: string }) => ({
    refresh: refreshId === queued.id ? queued : null,
  });
  serveCommand(serving, findRefreshCommand, find, deps.log);
  const quota = { limit: 5, remaining: 4, resetAt: null, windowSeconds: 300 };
  const refresh = async (input: RefreshProjectInput) => {
    sent.push(['refresh', input]);
    return { result: 'started' as const, refreshId: input.refreshId, state: 'queued' as const, quota };
  };
  serveCommand(serving, refreshProjectCommand, refresh, deps.log);
  await serving.nc.flush();
});
beforeEach(() => {
  sent.length = 0;
  replay = {
    id: uuidV7(),
    filter: {
      stage: 'scan',
      since: null,
      until: null,
      ecosystem: null,
      rulesVersion: null,
      advisoriesVersion: null,
      limit: 10,
    },
    by: 'noor',
    reason: 'new rules',
    createdAt: '2026-03-01T09:30:00.000Z',
    state: 'starting',
    packages: 8,
    waiting: 2,
    joined: 1,
    running: 1,
    assessed: 3,
    failed: 1,
    cancelled: 0,
  };
});

const act = async (id: string, name: string, key?: string) => {
  const headers = { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) };
  const body = JSON.stringify({ ...(key ? {} : { by: 'mira' }), reason: 'the registry is back' });
  const response = await (key ? guarded : app).request(`/v1/jobs/${id}/${name}`, {
    method: 'POST',
    headers,
    body,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
async function keyOf(roles: Role[], scopes: string[] | null): Promise<string> {
  const wish = { name: 'ci', kind: 'service' as const, roles, reason: 'r', scopes };
  return (await withOutbox(deps.own, (tx) => createKey(tx, wish, 'mira', new Date()))).result.key;
}

describe('a job', () => {
  it('is a request', async () => {
    const id = await insertRequest(deps.read, ['a', 'b']);
    await insertPackage(deps.read, 'a', { outcome: 'review' });
    const { status, body } = await getJson(app, `/v1/jobs/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, kind: 'request', total: 2, scope: 'default', error: null });
    expect((await getJson(app, body.links.self)).body).toMatchObject({
      id,
      itemCount: body.total,
      endedItems: body.ended,
      progress: body.progress,
    });
  });

  it('is a batch, with the sum of its requests', async () => {
    const id = await insertBatch(deps.read);
    await insertRequest(deps.read, ['a', 'b'], { batchId: id });
    const { body } = await getJson(app, `/v1/jobs/${id}`);
    expect(body).toMatchObject({ id, kind: 'batch', state: 'running', total: 2 });
    expect((await getJson(app, body.links.self)).body).toMatchObject({ id, itemCount: 2 });
  });

  it('is a refresh, also before the read models know its batch', async () => {
    const project = `/v1/projects/${queued.projectId}`;
    const early = await getJson(app, `/v1/jobs/${queued.id}`);
    expect(early.body).toMatchObject({ kind: 'refresh', state: 'queued', by: 'noor', links: { project } });
    await insertBatch(deps.read, { id: queued.id, scope: 'team-a', projectId: queued.projectId });
    await insertRequest(deps.read, ['a'], { batchId: queued.id });
    const { body } = await getJson(app, `/v1/jobs/${queued.id}`);
    expect(body).toMatchObject({
      kind: 'refresh',
      state: 'running',
      total: 1,
      links: { self: `${project}/refreshes/${queued.id}`, batch: `/v1/batches/${queued.id}` },
    });
    const listed = await getJson(app, `/v1/batches?project=${queued.projectId}`);
    expect(listed.body.items).toMatchObject([{ id: queued.id, projectId: queued.projectId }]);
    expect((await act(queued.id, 'cancel')).body).toMatchObject({ kind: 'refresh', unit: 'requests' });
    expect((await act(queued.id, 'retry')).body).toMatchObject({ kind: 'refresh', unit: 'items' });
    const failure = JSON.stringify({ code: 'git.auth', detail: 'no' });
    await deps.read`update batches set failure = ${failure}::text::jsonb where id = ${queued.id}`;
    expect((await act(queued.id, 'retry')).body).toMatchObject({ kind: 'refresh', unit: 'refreshes' });
    expect(sent.at(-1)).toMatchObject(['refresh', { projectId: queued.projectId, cause: 'manual' }]);
  });

  it.each([
    [
      'before any has had its turn',
      { waiting: 8, joined: 0, running: 0, assessed: 0, failed: 0 },
      'queued',
      0,
    ],
    ['while some wait', {}, 'running', 0.625],
    ['after the last', { state: 'ended' as const, waiting: 0, running: 0, assessed: 6 }, 'completed', 1],
    [
      'that was cancelled',
      { state: 'cancelled' as const, waiting: 0, running: 0, cancelled: 3 },
      'cancelled',
      1,
    ],
  ])('is a replay %s', async (_, changes, state, progress) => {
    Object.assign(replay, changes);
    const { body } = await getJson(app, `/v1/jobs/${replay.id}`);
    expect(body).toMatchObject({ id: replay.id, kind: 'replay', state, progress, by: 'noor', scope: null });
    expect(body.result?.assessed ?? 0).toBe(replay.assessed);
  });

  it('that is none is 404', async () => {
    const { status, body } = await getJson(app, `/v1/jobs/${uuidV7()}`);
    expect([status, body.code]).toEqual([404, 'job.not-found']);
  });
});

it('cancels and retries each kind with its own command, and says how much it had an effect on', async () => {
  const request = await insertRequest(deps.read, ['a']);
  const batch = await insertBatch(deps.read);
  for (const id of [request, batch, replay.id])
    for (const name of ['cancel', 'retry'])
      expect((await act(id, name)).status).toBe(name === 'cancel' ? 200 : 202);
  const by = { by: 'mira', reason: 'the registry is back' };
  expect(sent).toEqual([
    ['cancel', { ...by, requestId: request }],
    ['retry', expect.objectContaining({ ...by, requestId: request, code: null, stage: null })],
    ['cancel-batch', { ...by, batchId: batch }],
    ['retry', expect.objectContaining({ ...by, batchId: batch, requestId: null })],
    ['cancel', { ...by, id: replay.id, action: 'cancel' }],
    ['retry', { ...by, id: replay.id, action: 'retry' }],
  ]);
  expect((await act(replay.id, 'cancel')).body).toEqual({
    id: replay.id,
    kind: 'replay',
    affected: 5,
    unit: 'packages',
  });
  expect((await act(uuidV7(), 'retry')).body['code']).toBe('job.not-found');
});

it('asks for the right to operate where a replay is cancelled, and hides the jobs of other scopes', async () => {
  const request = await insertRequest(deps.read, ['a']);
  const submitter = await keyOf(['submitter'], null);
  expect((await act(request, 'cancel', submitter)).status).toBe(200);
  expect((await act(replay.id, 'cancel', submitter)).body['code']).toBe('access.forbidden');
  const other = await keyOf(['admin'], ['team-b']);
  for (const id of [request, replay.id])
    expect((await act(id, 'cancel', other)).body['code']).toBe('job.not-found');
  expect(sent.map(([name]) => name)).toEqual(['cancel']);
});
