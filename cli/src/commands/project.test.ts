import type { ProjectDetail, ShownRefreshDetail } from '@sluice/api';
import { describe, expect, it } from 'vitest';
import { aBatch, aFile, aPage, aReason, aRequest, anItem, at, requestId } from '../../test/answers.ts';
import { fakeGateway } from '../../test/fake-gateway.ts';

const projectId = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0ec1';
const refreshId = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0ec2';
const earlierId = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0ec3';
const quota = { limit: 5, remaining: 3, resetAt: '2026-03-01T12:05:00.000Z', windowSeconds: 300 };
const aRefresh = (fields: Partial<ShownRefreshDetail> = {}): ShownRefreshDetail => ({
  id: refreshId,
  projectId,
  scope: 'default',
  cause: 'manual',
  by: 'mira',
  reason: 'r',
  state: 'completed',
  unchanged: false,
  standsOn: refreshId,
  previousId: earlierId,
  fromCommit: '1'.repeat(40),
  toCommit: '2'.repeat(40),
  requestCount: 1,
  countsBefore: { approve: 3 },
  counts: { approve: 4, review: 0 },
  failure: null,
  requestedAt: at,
  openedAt: at,
  endedAt: at,
  durationMs: 4_200,
  inventory: {
    fileCount: 3,
    languages: [{ name: 'TypeScript', files: 2 }],
    frameworks: [{ name: 'React', path: 'package.json' }],
    tools: [],
    ecosystems: [],
    manifests: [{ path: 'package-lock.json', format: 'npm-package-lock@3', digest: 'sha256:a', requestId }],
  },
  plan: {
    total: 2,
    done: 1,
    percent: 50,
    tasks: [
      { path: 'PLAN.md', line: 1, text: 'begin', done: true },
      { path: 'PLAN.md', line: 2, text: 'end\u001b[2J', done: false },
    ],
    missing: ['TODO.md'],
  },
  ...fields,
});
const aProject = (fields: Partial<ProjectDetail> = {}): ProjectDetail => ({
  id: projectId,
  name: 'payments',
  scope: 'default',
  source: { git: 'https://git.example/a.git', ref: 'main', paths: ['services'] },
  credential: null,
  lane: 'interactive',
  labels: {},
  schedule: 'daily 04:30',
  plan: ['PLAN.md'],
  hasHook: false,
  createdAt: at,
  createdBy: 'mira',
  changedAt: at,
  archivedAt: null,
  nextRefreshAt: '2026-03-02T04:30:00.000Z',
  lastRefresh: aRefresh(),
  quota,
  ...fields,
});
const base = `/v1/projects/${projectId}`;
const asked202 = { refreshId, batchId: refreshId, state: 'queued', joined: false, quota };

const gateway = await fakeGateway(() => ({
  'POST /v1/projects': [201, aProject()],
  'GET /v1/projects': [200, aPage(aProject())],
  [`GET ${base}`]: [200, aProject()],
  [`DELETE ${base}`]: [200, aProject({ archivedAt: at })],
  [`POST ${base}/refresh`]: [202, asked202],
  [`POST ${base}/hook/renew`]: [200, { path: `${base}/hook`, secret: 'not-for-logs' }],
  [`GET ${base}/refreshes`]: [200, aPage(aRefresh(), aRefresh({ unchanged: true, cause: 'webhook' }))],
  [`GET ${base}/refreshes/${refreshId}`]: [200, aRefresh()],
  [`GET /v1/batches/${refreshId}`]: [200, aBatch({ id: refreshId, projectId, ignoredCount: 0 })],
  [`GET /v1/batches/${refreshId}/files`]: [200, aPage(aFile())],
  [`GET /v1/requests/${requestId}`]: [200, aRequest()],
  [`GET /v1/requests/${requestId}/items`]: [200, aPage(anItem())],
}));
const { asked, sluice } = gateway;

it('add passes everything on', async () => {
  const source = ['https://git.example/a.git', '--ref', 'main', '--path', 'a', '--path', 'b'];
  const more = [
    '--schedule',
    'every 6h',
    '--label',
    'team=pay=ments',
    '--scope',
    'team-a',
    '--credential',
    'reader',
  ];
  const { code, stdout } = await sluice('project', 'add', 'payments', ...source, ...more);
  expect([code, stdout]).toEqual([0, `Project ${projectId}\n`]);
  expect(JSON.parse(asked[0]!.body)).toEqual({
    name: 'payments',
    source: { git: 'https://git.example/a.git', ref: 'main', paths: ['a', 'b'] },
    plan: [],
    credential: 'reader',
    schedule: 'every 6h',
    lane: 'interactive',
    labels: { team: 'pay=ments' },
    scope: 'team-a',
  });
});

it('list and show say how a project stands, without what a terminal obeys', async () => {
  expect((await sluice('project', 'list')).stdout).toMatch(
    /payments\s+default\s+https.*completed\s+4 approve/,
  );
  const { stdout } = await sluice('project', 'show', 'payments');
  for (const text of [
    `Project payments (${projectId}) of the scope default`,
    '3 of 5 refreshes left in 300 s, one more at 2026-03-01T12:05:00.000Z.',
    'Frameworks: React.',
    'Plan: 1 of 2 tasks done (50 %).',
    '[ ] end?[2J',
    'TODO.md is not in the commit',
  ])
    expect(stdout).toContain(text);
});

describe('refresh', () => {
  it('waits, and ends as what needs attention says', async () => {
    const { code, stdout, stderr } = await sluice('project', 'refresh', 'payments', '--reason', 'a release');
    expect([code, stderr]).toEqual([0, expect.stringContaining('3 left for now')]);
    expect(stdout).toContain('1 lockfile: 1 fine, 0 need attention.');
    expect(JSON.parse(asked.find(({ line }) => line.startsWith('POST'))!.body)).toEqual({
      reason: 'a release',
    });
    const review = anItem({ outcome: 'review', reasons: [aReason('license.unknown', 'review')] });
    gateway.answers[`GET /v1/requests/${requestId}/items`] = [200, aPage(review)];
    expect((await sluice('project', 'refresh', projectId)).code).toBe(1);
  });

  it('that found nothing new shows the results that hold', async () => {
    gateway.answers[`GET ${base}/refreshes/${refreshId}`] = [
      200,
      aRefresh({ unchanged: true, standsOn: earlierId }),
    ];
    gateway.answers[`GET /v1/batches/${earlierId}`] = [200, aBatch({ id: earlierId, projectId })];
    gateway.answers[`GET /v1/batches/${earlierId}/files`] = [200, aPage(aFile())];
    const { code, stderr } = await sluice('project', 'refresh', 'payments');
    expect([code, stderr]).toEqual([0, expect.stringContaining('Nothing changed')]);
  });

  it('ends with 2 when it failed or there is no such project, and 3 when time is over', async () => {
    const failure = { code: 'git.auth', detail: 'git.example does not let it.', remedy: 'Renew the token.' };
    gateway.answers[`GET ${base}/refreshes/${refreshId}`] = [200, aRefresh({ state: 'failed', failure })];
    const failed = await sluice('project', 'refresh', 'payments');
    expect([failed.code, failed.stderr]).toEqual([2, expect.stringContaining('(git.auth)')]);
    gateway.answers[`GET ${base}/refreshes/${refreshId}`] = [200, aRefresh({ state: 'cancelled' })];
    expect((await sluice('project', 'refresh', 'payments')).code).toBe(2);
    gateway.answers[`GET ${base}/refreshes/${refreshId}`] = [200, aRefresh({ state: 'open' })];
    expect((await sluice('project', 'refresh', 'payments', '--timeout', '0.01')).code).toBe(3);
    expect((await sluice('project', 'refresh', 'other')).stderr).toContain('There is no project other.');
    gateway.answers['GET /v1/projects'] = [200, aPage(aProject(), aProject({ scope: 'team-a' }))];
    expect((await sluice('project', 'refresh', 'payments')).stderr).toContain('Several scopes');
  });

  it('does not wait when nobody wants it', async () => {
    const { stdout } = await sluice('project', 'refresh', projectId, '--no-wait');
    expect([stdout, asked.length]).toEqual([`Refresh ${refreshId}\n`, 1]);
  });
});

it('history says why, from which commit to which, how long, and counts before and after', async () => {
  const { stdout } = await sluice('project', 'history', 'payments');
  expect(stdout).toMatch(/manual by mira\s+1{10} → 2{10}\s+completed\s+4\.2 s\s+3 approve → 4 approve/);
  expect(stdout).toMatch(/webhook by mira.*unchanged/);
});

it('diff shows what came, went and changed since the refresh before, or another one', async () => {
  const one = (purl: string, outcome: string | null = 'approve') => ({ purl, outcome });
  gateway.answers[`GET ${base}/refreshes/${refreshId}/diff`] = [
    200,
    {
      refreshId,
      against: earlierId,
      fromCommit: '1'.repeat(40),
      toCommit: '2'.repeat(40),
      added: [one('pkg:npm/a@1', 'review')],
      removed: [],
      changed: [{ package: 'pkg:npm/b', from: [one('pkg:npm/b@1')], to: [one('pkg:npm/b@2', null)] }],
      unchangedCount: 7,
      truncated: false,
    },
  ];
  const { stdout } = await sluice('project', 'diff', 'payments', '--against', earlierId);
  expect(stdout).toContain('+ pkg:npm/a@1 (review)\n~ pkg:npm/b@1 (approve) → pkg:npm/b@2 (open)\n1 added');
  expect(asked.at(-1)!.line).toContain(`?against=${earlierId}`);
  gateway.answers[`GET ${base}`] = [200, aProject({ lastRefresh: null })];
  expect((await sluice('project', 'diff', 'payments')).stderr).toContain('never read');
});

it('hook prints the secret once, and remove archives', async () => {
  expect((await sluice('project', 'hook', 'payments', '--reason', 'new host')).stdout).toMatch(
    /^not-for-logs\n/,
  );
  expect((await sluice('project', 'remove', 'payments', '--reason', 'gone')).stdout).toBe(
    `Archived at ${at}.\n`,
  );
  expect(JSON.parse(asked.at(-1)!.body)).toEqual({ reason: 'gone' });
});
