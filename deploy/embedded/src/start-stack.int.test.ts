import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPostgres } from '@sluice/postgres';
import { defineService } from '@sluice/runtime';
import {
  freePort,
  isAlive,
  processIdentity,
  startNatsServer,
  childRecords,
  findNatsServer,
} from '@sluice/servers';
import { findRepositoryRoot, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { attachOrStart } from './attach-or-start.ts';
import { readRunning } from './run-file.ts';
import { stackService, type StackService } from './stack-service.ts';
import { startStack, type StackOptions } from './start-stack.ts';
import { stateFolder } from './state-folder.ts';

const base = await mkdtemp(join(tmpdir(), 'sluice-stack-'));
await chmod(base, 0o711);
afterAll(() => rm(base, { recursive: true, force: true }));

const { path: SLUICE_NATS_SERVER } = await findNatsServer({
  env: process.env,
  stateFolder: join(findRepositoryRoot(), '.sluice'),
});
const database = await testPostgres();
const ownServers = {
  ...process.env,
  SLUICE_NATS_SERVER,
  NPM_REGISTRY_URL: 'https://registry.example/',
  LOG_LEVEL: 'info',
};

/** Most tests save the second that creating a database takes. */
const env = { ...ownServers, DATABASE_URL: database.url };

const config = z.object({
  NATS_URL: z.string(),
  DATABASE_URL: z.string(),
  ARTIFACTS_DIR: z.string(),
  NPM_REGISTRY_URL: z.string(),
  HTTP_PORT: z.string().transform(Number),
});

/** Stands for the gateway: listens where it is told and counts its starts in the database, as a user that may make tables. */
const counter = defineService({
  name: 'projector',
  config,
  async start(context) {
    const { DATABASE_URL, HTTP_PORT } = context.config;
    const sql = createPostgres({ url: DATABASE_URL, service: 'counter', schema: 'counter', pool: 1 });
    await sql`create schema if not exists counter`;
    await sql`create table if not exists starts (at timestamptz default now())`;
    await sql`insert into starts default values`;
    const [row] = await sql<{ count: number }[]>`select count(*) from starts`;
    const server: Server = createServer((_request, response) => response.end(String(row?.count)));
    await new Promise<void>((resolve) => server.listen(HTTP_PORT, '127.0.0.1', resolve));
    context.onStop('database', () => sql.end());
    context.onStop('http', () => void server.close());
  },
});
const services = [stackService(counter, 'unused')];
/** The usual one is for whoever runs a stack on this machine meanwhile. */
const port = await freePort();

function options(name: string, more: Partial<StackOptions> = {}): StackOptions {
  return { stateFolder: join(base, name), services, env, port, ...more };
}

const starts = async (apiUrl: string) => Number(await (await fetch(apiUrl)).text());

it('keeps the data over a restart, and leaves no process and no claim behind', async () => {
  const state = stateFolder(join(base, 'data'));
  const first = await startStack(options('data', { env: ownServers }));
  expect(await starts(first.info.apiUrl)).toBe(1);
  expect((await stat(state.runFile)).mode & 0o077).toBe(0);
  const children = await childRecords(state.childrenFile).alive();
  expect(children.map(({ name }) => name).toSorted()).toEqual(['nats-server', 'postgres']);
  await first.stop();
  expect(children.filter(({ pid }) => isAlive(pid))).toEqual([]);
  expect(await readRunning(state)).toBeNull();
  expect(await readFile(state.logFile('projector'), 'utf8')).toContain('projector is ready');

  const second = await startStack(options('data', { env: ownServers }));
  expect(await starts(second.info.apiUrl)).toBe(2);
  await second.stop();
  const fresh = await startStack(options('data', { env: ownServers, fresh: true }));
  expect(await starts(fresh.info.apiUrl)).toBe(1);
  await fresh.stop();
});

it('keeps the port of the API, and says when it had to move', async () => {
  const lines: string[] = [];
  const onStep = (line: string) => lines.push(line);
  const first = await startStack(options('port'));
  await first.stop();
  const again = await startStack(options('port', { port: undefined, onStep }));
  expect(again.info.apiUrl).toBe(first.info.apiUrl);
  await again.stop();
  const other = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void other.close());
  const moved = await startStack(options('port', { port: undefined, onStep }));
  await moved.stop();
  expect(lines).toContainEqual(expect.stringContaining(`Port ${port} is taken`));
  const kept = await startStack(options('port', { port: undefined }));
  await kept.stop();
  expect(kept.info.apiUrl).toBe(moved.info.apiUrl);
});

it('says where the running one is when it is started twice, and lets commands attach to it', async () => {
  const stack = await startStack(options('twice'));
  await expect(startStack(options('twice'))).rejects.toThrow(stack.info.apiUrl);
  const attached = await attachOrStart(options('twice'));
  expect(attached).toMatchObject({ attached: true, info: { apiUrl: stack.info.apiUrl } });
  await attached.release();
  expect((await fetch(attached.info.apiUrl)).ok).toBe(true);
  await stack.stop();
});

it('starts one for a single command when none runs', async () => {
  const state = stateFolder(join(base, 'command'));
  const own = await attachOrStart(options('command'));
  expect(own.attached).toBe(false);
  await own.release();
  expect(await readRunning(state)).toBeNull();
});

it('ends processes that a killed launcher left', async () => {
  const state = stateFolder(join(base, 'killed'));
  await mkdir(state.path);
  const records = childRecords(state.childrenFile);
  const orphan = await startNatsServer({ binary: SLUICE_NATS_SERVER, storeFolder: state.nats, records });
  const dead = { pid: process.pid, identity: 'an earlier process', state: 'ready', apiUrl: 'http://gone' };
  await writeFile(state.runFile, JSON.stringify(dead));
  const lines: string[] = [];
  const stack = await startStack(options('killed', { onStep: (line) => lines.push(line) }));
  await orphan.exited;
  expect(lines.join('\n')).toMatch(/ended what it left: nats-server/);
  await stack.stop();
});

it('stops everything again when a service cannot start', async () => {
  const failing = stackService(
    defineService({
      name: 'failing',
      config: z.object({}),
      start: () => Promise.reject(new Error('no luck')),
    }),
    'unused',
  );
  const state = stateFolder(join(base, 'failing'));
  await expect(startStack(options('failing', { services: [...services, failing] }))).rejects.toThrow(
    'failing cannot start: no luck',
  );
  expect(await readRunning(state)).toBeNull();
  expect(await childRecords(state.childrenFile).alive()).toEqual([]);
});

it.each([
  ['NATS_URL', () => 'nats://127.0.0.1:'],
  ['DATABASE_URL', () => 'postgres://somebody:secret@127.0.0.1:'],
])('says at once when %s names something that does not answer', async (name, address) => {
  const url = `${address()}${await freePort()}`;
  const failure = await startStack(options(`external-${name}`, { env: { ...env, [name]: url } })).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({
    message: expect.stringContaining(name),
    remedy: expect.stringContaining(`unset ${name}`),
  });
  expect(String(failure)).not.toContain('secret');
});

it('says at once when a NATS that runs elsewhere asks for a token, and passes on the one that is set', async () => {
  const storeFolder = join(base, 'closed-nats');
  const settings = { lines: ['authorization { token: "elsewhere" }'] };
  const nats = await startNatsServer({ binary: SLUICE_NATS_SERVER, storeFolder, settings });
  onTestFinished(() => nats.stop());
  const external = { ...env, NATS_URL: nats.url };
  await expect(startStack(options('no-token', { env: external }))).rejects.toMatchObject({
    message: expect.stringContaining('asks for a token'),
    remedy: expect.stringContaining('NATS_TOKEN'),
  });
  const stack = await startStack(options('token', { env: { ...external, NATS_TOKEN: 'elsewhere' } }));
  expect(stack.info).toMatchObject({ natsUrl: nats.url, natsToken: 'elsewhere' });
  await stack.stop();
});

it('reads the address of a Postgres that runs elsewhere from a file as well', async () => {
  const file = join(base, 'database-url');
  await writeFile(file, `${database.url}\n`, { mode: 0o600 });
  const stack = await startStack(options('by-file', { env: { ...ownServers, DATABASE_URL_FILE: file } }));
  expect(stack.info).toMatchObject({ databaseUrl: database.url, databaseUrlsFolder: null });
  await stack.stop();
});

it('runs each service as a process and starts one again that dies', async () => {
  const output = join(base, 'fake.json');
  const entry = fileURLToPath(new URL('../fixtures/fake-service.mjs', import.meta.url));
  const fake: StackService = {
    name: 'fake',
    entry,
    config: z.object({}),
    yields: true,
    start: () => Promise.reject(new Error('not in this process')),
  };
  const read = async () =>
    JSON.parse(await readFile(output, 'utf8')) as { pid: number; NATS_URL: string; NATS_NKEY_FILE: string };
  const stack = await startStack(
    options('split', { services: [fake], split: true, env: { ...env, FAKE_OUTPUT: output } }),
  );
  const first = await read();
  expect(first.NATS_URL).toBe(stack.info.natsUrl);
  expect(first.NATS_NKEY_FILE).toBe(join(stack.info.natsKeysFolder!, 'fake.nk'));

  await fetch(`${stack.info.health['fake']}/die`).catch(() => undefined);
  const second = await waitFor(async () => ((await read()).pid === first.pid ? null : read()), {
    what: 'a second start',
  });
  await waitFor(() =>
    fetch(`${stack.info.health['fake']}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  await waitFor(() => getPriority(second.pid) === constants.priority.PRIORITY_BELOW_NORMAL, {
    what: 'the second one to yield, like the first',
  });
  await stack.stop();
  expect(await processIdentity(second.pid)).toBeNull();
});
