import { createHmac } from 'node:crypto';
import {
  PermanentError,
  createProjectCommand,
  findProjectCommand,
  findRefreshCommand,
  listProjectsCommand,
  refreshProjectCommand,
  renewHookCommand,
  uuidV7,
  type CreateProjectInput,
  type Project,
  type RefreshDetail,
  type RefreshProjectInput,
  type RefreshProjectOutput,
} from '@sluice/contracts';
import { connectBus, serveCommand } from '@sluice/broker';
import { withOutbox } from '@sluice/delivery';
import { authenticator } from '@sluice/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getJson, insertRequest, testGateway } from '../test/gateway-kit.ts';
import { aProject, aRefresh } from '../test/project-examples.ts';
import { createKey, findKey } from './access/api-keys.ts';
import { createApp } from './app.ts';

const { app, deps, nats } = await testGateway();
const serving = await connectBus({ url: nats.url, service: 'importer', instance: 'test', log: deps.log });
afterAll(() => serving.close());

const project = aProject({ scope: 'team-a' });
const used = {
  limit: 5,
  remaining: 0,
  resetAt: new Date(Date.now() + 90_000).toISOString(),
  windowSeconds: 300,
};
let hookRound = 1;
let answer: Pick<RefreshProjectOutput, 'result' | 'refreshId' | 'state'>;
let created: Project | null = project;
let sent: unknown;
const refreshes = new Map<string, RefreshDetail>();

beforeAll(async () => {
  const { log } = deps;
  serveCommand(
    serving,
    findProjectCommand,
    async ({ projectId }) => {
      if (projectId !== project.id) throw new PermanentError('project.not-found');
      return { project, quota: used, hookRound };
    },
    log,
  );
  serveCommand(
    serving,
    refreshProjectCommand,
    async (input: RefreshProjectInput) => {
      sent = input;
      return { ...answer, quota: used };
    },
    log,
  );
  serveCommand(
    serving,
    createProjectCommand,
    async (input: CreateProjectInput) => {
      sent = input;
      return { project: created, quota: used };
    },
    log,
  );
  serveCommand(serving, renewHookCommand, async () => ({ project, round: (hookRound += 1) }), log);
  serveCommand(
    serving,
    listProjectsCommand,
    async (input) => {
      sent = input;
      return { projects: [project] };
    },
    log,
  );
  serveCommand(
    serving,
    findRefreshCommand,
    async ({ refreshId }) => ({ refresh: refreshes.get(refreshId) ?? null }),
    log,
  );
  await serving.nc.flush();
});
beforeEach(() => {
  answer = { result: 'started', refreshId: uuidV7(), state: 'queued' };
  created = project;
  sent = null;
});

const post = (path: string, body: object | string, headers: Record<string, string> = {}, to = app) =>
  to.request(path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
const bodyOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe('a project', () => {
  it('is added with what is left out filled in, and beyond the quota refused with when to come again', async () => {
    const wish = { name: 'payments', source: { git: 'https://git.example/a' } };
    const made = await post('/v1/projects', wish);
    expect([made.status, made.headers.get('location')]).toEqual([201, `/v1/projects/${project.id}`]);
    expect(sent).toMatchObject({
      source: { ref: 'HEAD', paths: [] },
      scope: 'default',
      lane: 'interactive',
      by: 'mira',
    });
    created = null;
    const refused = await post('/v1/projects', wish);
    expect([refused.status, (await bodyOf(refused))['code']]).toEqual([429, 'quota.exceeded']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(80);
  });

  it('is refreshed, joined, and refused beyond the quota, which each answer shows', async () => {
    const path = `/v1/projects/${project.id}/refresh`;
    const started = await post(path, {});
    expect([started.status, started.headers.get('location')]).toEqual([202, `/v1/jobs/${answer.refreshId}`]);
    expect(await bodyOf(started)).toMatchObject({
      joined: false,
      batchId: answer.refreshId,
      quota: { remaining: 0 },
    });
    answer.result = 'joined';
    expect(await bodyOf(await post(path, {}))).toMatchObject({ joined: true });
    answer = { result: 'exceeded', refreshId: null, state: null };
    const refused = await post(path, { reason: 'now' });
    expect([refused.status, Number(refused.headers.get('retry-after')) > 80]).toEqual([429, true]);
    expect((await getJson(app, `/v1/projects/${project.id}`)).body.quota).toEqual(used);
  });

  it('of another scope is hidden from a key, and listed scopes are those of the key', async () => {
    const keyOf = async (scope: string) => {
      const wish = {
        name: 'ci',
        kind: 'service' as const,
        roles: ['submitter' as const],
        reason: 'r',
        scopes: [scope],
      };
      const { result } = await withOutbox(deps.own, (tx) => createKey(tx, wish, 'mira', new Date()));
      return { authorization: `Bearer ${result.key}` };
    };
    const doors = { findKey: (id: string) => findKey(deps.own, id), localKey: undefined, localName: 'mira' };
    const guarded = createApp({ ...deps, authenticate: authenticator({ ...doors, isOpen: false }) });
    const [own, other] = [await keyOf('team-a'), await keyOf('team-b')];
    const path = `/v1/projects/${project.id}`;
    expect((await guarded.request(path, { headers: own })).status).toBe(200);
    for (const hidden of [path, `${path}/refreshes`, `${path}/refreshes/${uuidV7()}/diff`])
      expect((await bodyOf(await guarded.request(hidden, { headers: other })))['code']).toBe(
        'project.not-found',
      );
    await guarded.request('/v1/projects', { headers: other });
    expect(sent).toMatchObject({ scopes: ['team-b'] });
    const elsewhere = { name: 'a', source: { git: 'https://git.example/a' }, scope: 'team-a' };
    const refused = await guarded.request('/v1/projects', {
      method: 'POST',
      body: JSON.stringify(elsewhere),
      headers: { ...other, 'content-type': 'application/json' },
    });
    expect((await bodyOf(refused))['code']).toBe('access.forbidden');
  });
});

describe('a webhook', () => {
  const path = `/v1/projects/${project.id}/hook`;
  const push = JSON.stringify({ ref: 'refs/heads/main' });
  const sign = (body: string, secret: string) => ({
    'x-github-event': 'push',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  });
  const renew = async () => {
    const renewed = await post(`${path}/renew`, { reason: 'it leaked' });
    return (await bodyOf(renewed)) as { path: string; secret: string };
  };

  it('signed with the newest secret refreshes the project, as often as it is repeated', async () => {
    const old = await renew();
    const { secret, path: shown } = await renew();
    expect(shown).toBe(path);
    expect((await bodyOf(await post(path, push, sign(push, old.secret))))['code']).toBe(
      'hook.signature-invalid',
    );
    const response = await post(path, push, sign(push, secret));
    expect(response.status).toBe(202);
    expect(await bodyOf(response)).toMatchObject({ result: 'refreshed', refreshId: answer.refreshId });
    expect(sent).toMatchObject({ cause: 'webhook', by: 'webhook of git.example' });
    answer.result = 'joined';
    expect(await bodyOf(await post(path, push, sign(push, secret)))).toMatchObject({ result: 'joined' });
    answer = { result: 'postponed', refreshId: null, state: null };
    expect(await bodyOf(await post(path, push, sign(push, secret)))).toMatchObject({ result: 'postponed' });
  });

  it('of a push elsewhere is ignored, and says so', async () => {
    const { secret } = await renew();
    const other = '{"ref":"refs/heads/next"}';
    const response = await post(path, other, sign(other, secret));
    expect([response.status, (await bodyOf(response))['result'], sent]).toEqual([202, 'ignored', null]);
  });

  it('that is unsigned, changed, for no project or too large changes nothing, and tells no projects apart', async () => {
    const { secret } = await renew();
    const codes = [];
    for (const response of [
      await post(path, push),
      await post(path, `${push} `, sign(push, secret)),
      await post(`/v1/projects/${uuidV7()}/hook`, push, sign(push, secret)),
      await post('/v1/projects/none/hook', push, sign(push, secret)),
    ])
      codes.push((await bodyOf(response))['code']);
    expect(new Set(codes)).toEqual(new Set(['hook.signature-invalid']));
    expect((await post(path, ' '.repeat(200_000))).status).toBe(413);
    const broken = '{"ref":"a","ref":"b"}';
    expect((await bodyOf(await post(path, broken, sign(broken, secret))))['code']).toBe('input.unsafe-key');
    hookRound = 0;
    expect((await bodyOf(await post(path, push, sign(push, secret))))['code']).toBe('hook.signature-invalid');
    expect(sent).toBeNull();
  });

  it('needs a key of the gateway', async () => {
    const without = createApp({ ...deps, hookKey: null });
    for (const [to, body] of [
      [path, push],
      [`${path}/renew`, { reason: 'r' }],
    ] as const)
      expect((await bodyOf(await post(to, body, {}, without as typeof app)))['code']).toBe(
        'hook.unavailable',
      );
  });
});

it('a difference is that of the requests on which two refreshes stand', async () => {
  const refresh = (standsOn: string | null, previousId: string | null, commit: string): RefreshDetail => {
    const made = aRefresh({ projectId: project.id, standsOn, previousId, toCommit: commit });
    refreshes.set(made.id, made);
    return made;
  };
  const [one, two] = [uuidV7(), uuidV7()];
  await insertRequest(deps.read, ['kept', 'gone'], { batchId: one });
  await insertRequest(deps.read, ['kept', 'come'], { batchId: two });
  await insertRequest(deps.read, ['come'], { batchId: two });
  const first = refresh(one, null, 'a'.repeat(40));
  const unchanged = refresh(one, first.id, 'a'.repeat(40));
  const second = refresh(two, unchanged.id, 'b'.repeat(40));
  const diff = (id: string, query = '') =>
    getJson(app, `/v1/projects/${project.id}/refreshes/${id}/diff${query}`);
  expect((await diff(second.id)).body).toMatchObject({
    against: unchanged.id,
    fromCommit: 'a'.repeat(40),
    toCommit: 'b'.repeat(40),
    added: [{ purl: 'pkg:npm/come@1.0.0', outcome: null }],
    removed: [{ purl: 'pkg:npm/gone@1.0.0' }],
    changed: [],
    unchangedCount: 1,
  });
  expect((await diff(unchanged.id, `?against=${second.id}`)).body).toMatchObject({
    added: [{ purl: 'pkg:npm/gone@1.0.0' }],
  });
  expect((await diff(first.id)).body.code).toBe('project.no-result');
  expect((await diff(second.id, `?against=${refresh(null, null, '').id}`)).body.code).toBe(
    'project.no-result',
  );
  expect((await diff(uuidV7())).body.code).toBe('refresh.not-found');
});
