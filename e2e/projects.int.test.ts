import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { aggregatorService } from '@sluice/aggregator';
import {
  cancelBatchCommand,
  createProjectCommand,
  findRefreshCommand,
  refreshProjectCommand,
  uuidV7,
  type RefreshDetail,
} from '@sluice/contracts';
import { connectBus, sendCommand } from '@sluice/broker';
import { importerService } from '@sluice/importer';
import { createLogger, startService, type RunningService } from '@sluice/runtime';
import { startFakeGitServer, testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

const nats = await testNats();
const postgres = await testPostgres();
const secret = 'canary-0123456789';
const server = await startFakeGitServer({ token: secret });
const mira = { by: 'mira', reason: 'needed' };
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-importer-service-'));
const clones = path.join(folder, 'clones');
const lines: string[] = [];
const log = createLogger('importer', 'trace', { write: (line: string) => void lines.push(line) });
const bus = await connectBus({
  url: nats.url,
  service: 'test',
  instance: 'test',
  log: createLogger('t', 'silent'),
});
const running: RunningService[] = [];
const env = {
  NATS_URL: nats.url,
  DATABASE_URL: postgres.url,
  ARTIFACTS_DIR: folder,
  GIT_HOSTS: server.origin,
  GIT_WORK_DIR: clones,
  GIT_CREDENTIALS: JSON.stringify({
    reader: { host: new URL(server.origin).host, tokenFile: path.join(folder, 'token') },
  }),
};

beforeAll(async () => {
  await writeFile(path.join(folder, 'token'), `${secret}\n`);
  running.push(await startService(aggregatorService, env, { log }));
  running.push(await startService(importerService, env, { log }));
});
afterAll(async () => {
  for (const service of running.toReversed()) await service.stop();
  await bus.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function create(git: string): Promise<string> {
  const { project } = await sendCommand(bus, createProjectCommand, {
    ...mira,
    id: uuidV7(),
    name: git,
    scope: 'default',
    source: { git: `${server.origin}/${git}`, ref: 'main', paths: [] },
    credential: 'reader',
    lane: 'interactive',
    labels: {},
    schedule: null,
    plan: [],
  });
  return project!.id;
}
async function ask(projectId: string): Promise<string> {
  const wish = { ...mira, projectId, refreshId: uuidV7(), cause: 'manual' as const };
  return (await sendCommand(bus, refreshProjectCommand, wish)).refreshId!;
}
const reached = (refreshId: string, state: RefreshDetail['state']) =>
  waitFor(async () => {
    const { refresh } = await sendCommand(bus, findRefreshCommand, { refreshId });
    return refresh!.state === state && refresh;
  });

it('a refresh goes to its end over the broker, and its secret goes nowhere', async () => {
  // Nothing in it can be assessed, so that its request ends without a stage.
  server.commit('whole.git', { 'requirements.txt': 'flask>=3\n' });
  const refreshId = await ask(await create('whole.git'));
  expect(await reached(refreshId, 'completed')).toMatchObject({
    counts: { unassessable: 1 },
    requestCount: 1,
  });
  const sql = postgres.connect('importer');
  const rows = await sql<{ told: string }[]>`
    select (select string_agg(payload, '') from outbox) || (select string_agg(r::text, '') from refreshes r)
      || (select string_agg(p::text, '') from projects p) || (select string_agg(a::text, '') from audit a) as told`;
  const told = rows[0]!.told + lines.join('\n');
  expect(told).toContain('refresh-project');
  for (const text of [secret, Buffer.from(`git:${secret}`).toString('base64')])
    expect(told).not.toContain(text);
});

it('a refresh that is cancelled while git waits ends, and so does its batch', async () => {
  server.commit('cancelled.git', { 'requirements.txt': 'flask>=3\n' });
  const projectId = await create('cancelled.git');
  server.behave(() => {});
  const refreshId = await ask(projectId);
  await waitFor(async () => (await readdir(clones)).length > 0);
  // The aggregator may not know the batch yet.
  await waitFor(() =>
    sendCommand(bus, cancelBatchCommand, { ...mira, batchId: refreshId }).then(
      () => true,
      () => false,
    ),
  );
  await reached(refreshId, 'cancelled');
  await waitFor(async () => (await readdir(clones)).length === 0);
  server.behave(null);
  const sql = postgres.connect('aggregator');
  await waitFor(
    async () =>
      (await sql`select 1 from batches where id = ${refreshId} and completed_at is not null`).length > 0,
  );
});

it('a refresh goes on elsewhere when its importer stops in the middle of it', async () => {
  server.commit('stopped.git', { 'requirements.txt': 'flask>=3\n' });
  const projectId = await create('stopped.git');
  server.behave(() => {});
  const refreshId = await ask(projectId);
  await waitFor(async () => (await readdir(clones)).length > 0);
  await running.pop()!.stop();
  expect(await readdir(clones)).toEqual([]);
  server.behave(null);
  running.push(await startService(importerService, env, { log }));
  await reached(refreshId, 'completed');
});
