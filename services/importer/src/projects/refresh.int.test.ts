import { readdir } from 'node:fs/promises';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { uuidV7, type BatchFile } from '@sluice/contracts';
import { putBackLost } from '@sluice/submissions';
import { waitFor } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { mira, testProjects } from '../../test/project-kit.ts';
import { archiveProject, changeProject } from '../commands/change-project.ts';
import { findProject, listRefreshes } from '../commands/questions.ts';
import { followSchedules } from './follow-schedules.ts';
import { lostRefreshRequests } from './lost-refreshes.ts';
import { noteReading } from './queued-refresh.ts';

const kit = await testProjects();
const {
  deps,
  server,
  clock,
  create,
  ask,
  handle,
  complete,
  cancel,
  refreshOf,
  refresh,
  endsOf,
  toldOf,
  requestsOf,
} = kit;
const lock = (version: string) => packageLock(3, [{ name: 'lodash', version }]);
const files = (version: string) => ({
  'package-lock.json': lock(version),
  'package.json': '{"dependencies":{"express":"^5.0.0"}}',
  'src/index.ts': 'export {};',
  'services/pay/requirements.txt': 'flask==3.0.0 --hash=sha256:' + 'a'.repeat(64),
  'node_modules/x/package-lock.json': lock('9.9.9'),
  'PLAN.md': '# Plan\n- [x] begin\n- [ ] end\n',
  '.github/workflows/ci.yml': 'on: push',
  module: { submodule: '1'.repeat(40) },
});

describe('a refresh', () => {
  it('pins a commit, submits its manifests, and says what the project is made of', async () => {
    const commit = server.commit('whole.git', files('4.17.20'));
    const { id, name } = await create('whole.git', { plan: ['PLAN.md', 'TODO.md'], labels: { team: 'pay' } });
    const { refreshId, ...asked } = await ask(id);
    expect(asked).toMatchObject({ result: 'started', state: 'queued', quota: { limit: 5, remaining: 4 } });
    await handle(refreshId!);
    const open = await refreshOf(refreshId!);
    expect(open).toMatchObject({
      state: 'open',
      toCommit: commit,
      fromCommit: null,
      requestCount: 2,
      unchanged: false,
    });
    expect(open.plan).toMatchObject({ total: 2, done: 1, percent: 50, missing: ['TODO.md'] });
    const { manifests, ...inventory } = open.inventory!;
    expect(inventory).toEqual({
      fileCount: 6,
      languages: [{ name: 'TypeScript', files: 1 }],
      frameworks: [
        { name: 'Express', path: 'package.json' },
        { name: 'Flask', path: 'services/pay/requirements.txt' },
      ],
      tools: [
        { name: 'GitHub Actions', path: '.github/workflows/ci.yml' },
        { name: 'npm', path: 'package-lock.json' },
        { name: 'pip', path: 'services/pay/requirements.txt' },
      ],
      ecosystems: [
        { type: 'npm', manifests: 1 },
        { type: 'pypi', manifests: 1 },
      ],
    });
    const requests = await requestsOf(refreshId!);
    expect(requests.map(({ filename, labels, requester }) => [filename, labels, requester])).toEqual([
      ['package-lock.json', { team: 'pay' }, 'mira'],
      ['services/pay/requirements.txt', { team: 'pay' }, 'mira'],
    ]);
    expect(manifests.map(({ path, requestId }) => [path, requestId])).toEqual(
      requests.map(({ filename, requestId }) => [filename, requestId]),
    );
    expect(manifests[0]!.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const [told] = await toldOf(refreshId!);
    expect(told!.files.find((file: BatchFile) => file.path.startsWith('node_modules'))?.reason?.code).toBe(
      'file.installed',
    );
    await complete(refreshId!, { approve: 1, review: 1 });
    const ended = await refreshOf(refreshId!);
    expect(ended).toMatchObject({
      state: 'completed',
      counts: { approve: 1, review: 1 },
      countsBefore: null,
    });
    expect((await findProject({ projectId: id }, deps)).project).toMatchObject({
      name,
      lastRefresh: { id: refreshId },
    });
    expect(await endsOf(refreshId!)).toMatchObject([
      { state: 'completed', toCommit: commit, counts: { approve: 1, review: 1 } },
    ]);
  });

  it('reads nothing when commit and source are the same and the result is fresh, and everything when they are not', async () => {
    server.commit('same.git', files('1.0.0'));
    const { id } = await create('same.git');
    const first = await refresh(id, { approve: 2 });
    const second = await refresh(id);
    expect(second).toMatchObject({
      state: 'completed',
      unchanged: true,
      standsOn: first.id,
      counts: { approve: 2 },
    });
    // Its batch has no requests, and ends at once.
    await complete(second.id, {});
    expect(await refreshOf(second.id)).toEqual(second);
    expect(await endsOf(second.id)).toMatchObject([{ unchanged: true, counts: { approve: 2 } }]);
    expect(second.inventory).toEqual(first.inventory);
    expect(await requestsOf(second.id)).toEqual([]);
    expect(await toldOf(second.id)).toMatchObject([{ requestCount: 0 }]);
    const commit = server.commit('same.git', files('2.0.0'));
    expect(await refresh(id, { approve: 1, failed: 1 })).toMatchObject({
      unchanged: false,
      previousId: second.id,
      fromCommit: first.toCommit,
      toCommit: commit,
      countsBefore: { approve: 2 },
    });
    // Items failed: the same commit is tried again.
    expect(await refresh(id)).toMatchObject({ unchanged: false, toCommit: commit });
    clock.now = new Date(clock.now.getTime() + deps.freshMs + 1);
    expect(await refresh(id)).toMatchObject({ unchanged: false });
    const changes = { source: { git: `${server.origin}/same.git`, ref: 'main', paths: ['services'] } };
    await changeProject({ ...mira, projectId: id, changes }, deps);
    expect(await refresh(id)).toMatchObject({ unchanged: false, requestCount: 1 });
  });

  it('is one when two ask at once, and the second costs no quota', async () => {
    server.commit('twice.git', files('1.0.0'));
    const { id } = await create('twice.git');
    const both = await Promise.all([ask(id), ask(id)]);
    expect(both.map(({ result }) => result).toSorted()).toEqual(['joined', 'started']);
    expect(new Set(both.map(({ refreshId }) => refreshId)).size).toBe(1);
    expect((await findProject({ projectId: id }, deps)).quota.remaining).toBe(4);
    const again = await ask(id, 'manual', both[0]!.refreshId!);
    expect(again).toMatchObject({ result: 'started', refreshId: both[0]!.refreshId });
  });

  it('is refused beyond the quota until its window moves on', async () => {
    server.commit('often.git', files('1.0.0'));
    const { id } = await create('often.git');
    for (let turn = 0; turn < 5; turn += 1) await refresh(id);
    const refused = await ask(id);
    expect(refused).toMatchObject({ result: 'exceeded', refreshId: null, quota: { remaining: 0 } });
    clock.now = new Date(refused.quota.resetAt!);
    expect((await ask(id)).result).toBe('started');
  });

  it('handled twice has its effect once', async () => {
    server.commit('redelivered.git', files('1.0.0'));
    const { id } = await create('redelivered.git');
    const { refreshId } = await ask(id);
    await Promise.all([handle(refreshId!), handle(refreshId!)]);
    await handle(refreshId!);
    expect(await toldOf(refreshId!)).toHaveLength(1);
    expect(await requestsOf(refreshId!)).toHaveLength(2);
  });

  it.each([
    ['no such ref', 'whole.git', 'nowhere', 'git.ref-not-found'],
    ['no such repository', 'none.git', 'main', 'git.repository-not-found'],
    ['nothing that is read', 'empty.git', 'main', 'batch.no-files'],
  ])('of %s ends as failed with a code of its own', async (_, git, ref, code) => {
    server.commit('empty.git', { 'README.md': 'text' });
    const { id } = await create(git, { source: { git: `${server.origin}/${git}`, ref, paths: [] } });
    const ended = await refresh(id);
    expect(ended).toMatchObject({ state: 'failed', failure: { code } });
    expect(await toldOf(ended.id)).toMatchObject([{ failure: { code } }]);
    expect(await endsOf(ended.id)).toMatchObject([{ state: 'failed', failure: { code } }]);
    expect((await ask(id)).result).toBe('started');
  });

  it('that is cancelled in its clone ends git, and has its batch end', async () => {
    const { id } = await create('whole.git');
    const { refreshId } = await ask(id);
    server.behave(() => {});
    const cloning = handle(refreshId!);
    await waitFor(async () => (await readdir(deps.git.root)).length > 0);
    await cancel(refreshId!);
    await cloning;
    server.behave(null);
    expect(await readdir(deps.git.root)).toEqual([]);
    expect(await refreshOf(refreshId!)).toMatchObject({ state: 'cancelled', toCommit: null });
    expect(await toldOf(refreshId!)).toMatchObject([{ requestCount: 0 }]);
    await complete(refreshId!, {});
    expect(await refreshOf(refreshId!)).toMatchObject({ state: 'cancelled' });
  });

  it('takes the counts of a later round, and keeps its end', async () => {
    server.commit('round.git', files('1.0.0'));
    const { id } = await create('round.git');
    const { endedAt, ...first } = await refresh(id, { failed: 1 });
    clock.now = new Date(clock.now.getTime() + 1_000);
    await complete(first.id, { approve: 1 }, 2);
    expect(await refreshOf(first.id)).toMatchObject({ counts: { approve: 1 }, endedAt });
    expect(await endsOf(first.id)).toHaveLength(2);
  });
});

it('a refresh whose message the broker lost is told again, unless it is being read', async () => {
  server.commit('lost.git', files('1.0.0'));
  const { refreshId } = await ask((await create('lost.git')).id);
  const { sql, log } = deps;
  // Published, and gone since; those of the other tests are not.
  await sql`delete from outbox_waiting`;
  await sql`update refreshes set read_at = now() where id <> ${refreshId}`;
  const putBack = () => putBackLost({ sql, log, published: () => {} }, lostRefreshRequests({ sql }));
  await sql`update refreshes set requested_at = now() where id = ${refreshId}`;
  expect(await putBack()).toBe(0);
  await sql`update refreshes set requested_at = now() - interval '5 minutes' where id = ${refreshId}`;
  expect(await noteReading(refreshId!, deps)).toBe(true);
  expect(await putBack()).toBe(0);
  await sql`update refreshes set read_at = now() - interval '5 minutes' where id = ${refreshId}`;
  expect(await putBack()).toBe(1);
  await handle(refreshId!);
  expect([await putBack(), await noteReading(refreshId!, deps)]).toEqual([0, false]);
});

describe('a push', () => {
  it('during a refresh is followed by another one', async () => {
    server.commit('push.git', files('1.0.0'));
    const { id } = await create('push.git');
    const { refreshId } = await ask(id);
    await handle(refreshId!);
    const commit = server.commit('push.git', files('2.0.0'));
    expect(await ask(id, 'webhook')).toMatchObject({ result: 'joined', refreshId });
    expect(await followSchedules(deps)).toBe(0);
    clock.now = new Date(clock.now.getTime() + 1_000);
    await complete(refreshId!);
    expect(await followSchedules(deps)).toBe(1);
    const { refreshes } = await listRefreshes({ projectId: id, limit: 10, after: null }, deps);
    expect(refreshes.map(({ cause, state }) => [cause, state])).toEqual([
      ['webhook', 'queued'],
      ['manual', 'completed'],
    ]);
    await handle(refreshes[0]!.id);
    expect(await refreshOf(refreshes[0]!.id)).toMatchObject({ toCommit: commit });
  });

  it('beyond the quota is followed when there is room', async () => {
    const { id } = await create('push.git');
    for (let turn = 0; turn < 5; turn += 1) await refresh(id);
    const { result, quota } = await ask(id, 'webhook');
    expect(result).toBe('postponed');
    await followSchedules(deps);
    expect((await findProject({ projectId: id }, deps)).project.lastRefresh?.cause).toBe('manual');
    clock.now = new Date(quota.resetAt!);
    await followSchedules(deps);
    expect((await findProject({ projectId: id }, deps)).project.lastRefresh?.cause).toBe('webhook');
  });
});

describe('a schedule', () => {
  it('has one refresh at each time, with several importers, and costs no quota', async () => {
    const { id, nextRefreshAt } = await create('whole.git', { schedule: 'daily 04:30' });
    expect(nextRefreshAt).toMatch(/T04:30:00/);
    clock.now = new Date(nextRefreshAt!);
    await Promise.all([followSchedules(deps), followSchedules(deps), followSchedules(deps)]);
    const { refreshes } = await listRefreshes({ projectId: id, limit: 10, after: null }, deps);
    expect(refreshes.map(({ cause, by }) => [cause, by])).toEqual([['schedule', 'schedule']]);
    const { project, quota } = await findProject({ projectId: id }, deps);
    expect([project.nextRefreshAt! > nextRefreshAt!, quota.remaining]).toEqual([true, 5]);
    // It is in flight at the next time: that one is left out.
    clock.now = new Date(project.nextRefreshAt!);
    await followSchedules(deps);
    expect((await listRefreshes({ projectId: id, limit: 10, after: null }, deps)).refreshes).toHaveLength(1);
    await archiveProject({ ...mira, projectId: id }, deps);
    await handle(refreshes[0]!.id);
    await complete(refreshes[0]!.id);
    clock.now = new Date(clock.now.getTime() + 7 * 86_400_000);
    await followSchedules(deps);
    expect((await listRefreshes({ projectId: id, limit: 10, after: null }, deps)).refreshes).toHaveLength(1);
    await expect(ask(id)).rejects.toMatchObject({ code: 'project.archived' });
  });
});

describe('a project', () => {
  it('is added once by its id, under a name that its scope has once, and so many times an hour', async () => {
    const id = uuidV7();
    const one = { by: 'noor', id, name: 'same name' };
    const first = await create('whole.git', one);
    expect(await create('whole.git', one)).toEqual(first);
    await expect(create('whole.git', { ...one, id: uuidV7() })).rejects.toMatchObject({
      code: 'project.name-taken',
    });
    await create('whole.git', { ...one, id: uuidV7(), scope: 'team-a' });
    for (let more = 0; more < 8; more += 1) expect(await create('whole.git', { by: 'noor' })).not.toBeNull();
    expect(await create('whole.git', { by: 'noor' })).toBeNull();
    clock.now = new Date(clock.now.getTime() + 3_600_001);
    expect(await create('whole.git', { by: 'noor' })).not.toBeNull();
  });

  it('keeps what is not changed, and takes no name of another', async () => {
    const { id, name } = await create('whole.git', { schedule: 'every 6h', plan: ['PLAN.md'] });
    const other = await create('whole.git');
    const change = (changes: object) => changeProject({ ...mira, projectId: id, changes }, deps);
    await expect(change({ name: other.name })).rejects.toMatchObject({ code: 'project.name-taken' });
    await expect(change({ schedule: 'often' })).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(change({ credential: 'none' })).rejects.toMatchObject({ code: 'git.credential-not-usable' });
    expect(await change({ labels: { a: 'b' } })).toMatchObject({
      name,
      schedule: 'every 6h',
      labels: { a: 'b' },
    });
    expect(await change({ schedule: null })).toMatchObject({ nextRefreshAt: null, plan: ['PLAN.md'] });
    await archiveProject({ ...mira, projectId: id }, deps);
    const archived = await archiveProject({ ...mira, projectId: id }, deps);
    expect(archived.archivedAt).not.toBeNull();
    await expect(change({ name: 'again' })).rejects.toMatchObject({ code: 'project.archived' });
    const acts = await deps.sql`select action from audit where subject = ${id} order by id`;
    expect(acts.map(({ action }) => action as string)).toEqual([
      'create-project',
      'change-project',
      'change-project',
      'archive-project',
    ]);
  });

  it.each([
    ['ext::sh -c id', 'git.address-invalid'],
    ['file:///etc', 'git.address-invalid'],
    ['https://token@git.example/a', 'git.credentials-in-address'],
    ['https://git.example/a', 'git.host-not-allowed'],
    ['http://169.254.169.254/a', 'git.host-not-allowed'],
    ['http://127.0.0.1:1/a', 'git.host-not-allowed'],
  ])('at %s is refused', async (git, code) => {
    const asked = server.asked.length;
    await expect(create('', { source: { git, ref: 'main', paths: [] } })).rejects.toMatchObject({ code });
    expect(server.asked).toHaveLength(asked);
  });
});
