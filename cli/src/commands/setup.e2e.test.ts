import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { connectBus, streamIdentity } from '@sluice/broker';
import { natsKeyFile, natsUsers, postgresUsers } from '@sluice/rights';
import { createLogger } from '@sluice/runtime';
import { findRepositoryRoot, testNats, testPostgres } from '@sluice/testkit';
import { afterAll, expect, it } from 'vitest';

const run = promisify(execFile);
const program = path.join(findRepositoryRoot(), 'cli/dist/main.js');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-setup-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const sluice = (args: string[], env: Record<string, string> = {}) =>
  run(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'], ...env } });

const keys = path.join(folder, 'nats');
const passwords = path.join(folder, 'database');
const { stdout: users } = await sluice(['setup', 'nats', '--keys', keys]);
const nats = await testNats({ lines: [users] });
const postgres = await testPostgres();
const admin = postgres.connect('public', { pool: 1 });

const modesIn = async (within: string) =>
  Promise.all(
    (await readdir(within)).map(async (file) => (await stat(path.join(within, file))).mode & 0o777),
  );

it('setup nats prints users that nats-server takes, and keeps their seeds for their owner', async () => {
  expect(await readdir(keys)).toEqual(natsUsers.map((user) => `${user}.nk`).toSorted());
  expect(new Set(await modesIn(keys))).toEqual(new Set([0o600]));
  for (const user of natsUsers) {
    const seed = (await readFile(natsKeyFile(keys, user), 'utf8')).trim();
    expect(users).not.toContain(seed);
  }
  expect((await sluice(['setup', 'nats', '--keys', keys])).stdout).toBe(users);
});

it('setup nats --apply makes streams and buckets before any service runs', async () => {
  const { stdout, stderr } = await sluice(['setup', 'nats', '--keys', keys, '--apply'], {
    NATS_URL: nats.url,
  });
  expect({ stdout, stderr }).toEqual({
    stdout: '',
    stderr: expect.stringContaining('Streams and buckets are there.'),
  });
  const nkey = await readFile(natsKeyFile(keys, 'license'), 'utf8');
  const log = createLogger('test', 'silent');
  const bus = await connectBus({
    url: nats.url,
    nkey,
    service: 'license',
    instance: 't',
    isMaker: false,
    log,
  });
  expect(await streamIdentity(bus)).toMatchObject({ lastSequence: 0 });
  await bus.close();
});

it('setup postgres prints statements without a secret, and migrate makes the tables as the role for it', async () => {
  // Roles are the whole cluster's, which other test files use as well.
  const prefix = `t${Date.now().toString(36)}`;
  const args = ['setup', 'postgres', '--passwords', passwords, '--url', postgres.url, '--prefix', prefix];
  const { stdout: statements } = await sluice(args);
  expect(new Set(await modesIn(passwords))).toEqual(new Set([0o600]));
  for (const user of postgresUsers) {
    const password = (await readFile(path.join(passwords, `${user}.password`), 'utf8')).trim();
    expect(statements).not.toContain(password);
    expect(await readFile(path.join(passwords, `${user}.url`), 'utf8')).toContain(
      `//${prefix}_${user}:${password}@`,
    );
  }
  await admin.unsafe(statements);
  const migrate = (user: string) =>
    sluice(['migrate', '--prefix', prefix], { DATABASE_URL_FILE: path.join(passwords, `${user}.url`) });
  expect((await migrate('migrate')).stdout).toMatch(/^\d+ migrations applied\.\n$/);
  expect((await migrate('migrate')).stdout).toBe('The tables are up to date.\n');
  await expect(migrate('gateway')).rejects.toMatchObject({ code: 4 });
});

it.each([
  [['setup', 'postgres', '--url', 'postgres://db.example:5432'], '--url is no address of a database'],
  [['migrate'], 'DATABASE_URL names no database'],
])('%j is wrong, and says so: %s', async (args, message) => {
  await expect(sluice([...args])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining(message),
  });
});
