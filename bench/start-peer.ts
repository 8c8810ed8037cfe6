import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createPostgres } from '@sluice/postgres';
import { SetupError, childRecords, freePort, startChild, startPostgres, type Child } from '@sluice/servers';
import { waitFor } from '@sluice/testkit/fakes';
import type { Contestant } from './contestant.ts';

const run = promisify(execFile);
const peersFolder = fileURLToPath(new URL('../peers/', import.meta.url));

export const peerNames = ['bullmq', 'pg-boss', 'graphile-worker'] as const;
export type PeerName = (typeof peerNames)[number];

interface Chain {
  stages: string[];
  tables: string;
}

/**
 * Starts the same chain on a peer: an API and one process per stage, with Postgres set up as Sluice's is, and Redis
 * for BullMQ.
 * @throws SetupError when redis-server is not installed.
 */
export async function startPeer(
  name: PeerName,
  settings: { concurrency: number; waitMs?: number },
): Promise<Contestant> {
  await install();
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-bench-'));
  await chmod(folder, 0o711);
  const records = childRecords(path.join(folder, 'children.json'));
  const children: Child[] = [];
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const postgres = await startPostgres({ folder: path.join(folder, 'postgres'), records });
  closers.push(() => postgres.stop());
  const sql = createPostgres({ url: postgres.url, service: 'bench', schema: 'public', pool: 4 });
  closers.push(() => sql.end({ timeout: 2 }));
  const { stages, tables } = (await import(pathToFileURL(path.join(peersFolder, 'chain.mjs')).href)) as Chain;
  await sql.unsafe(tables);
  const env: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    DATABASE_URL: postgres.url,
    CONCURRENCY: String(settings.concurrency),
    WAIT_MS: String(settings.waitMs ?? 0),
  };
  if (name === 'bullmq') env['REDIS_URL'] = await startRedis(folder, records, children);
  const port = await freePort();
  const start = async (role: string, ...args: string[]) => {
    const logFile = path.join(folder, `${role}.log`);
    const main = path.join(peersFolder, 'main.mjs');
    children.push(
      await startChild({
        name: role,
        command: process.execPath,
        args: [main, name, role, ...args],
        env,
        logFile,
        records,
      }),
    );
    await waitFor(async () => (await readFile(logFile, 'utf8')).includes('ready'), {
      what: role,
      timeoutMs: 30_000,
    });
  };
  // One after the other: the first one makes the peer's own tables.
  await start('api', String(port));
  for (const stage of stages) await start(stage);
  return {
    name,
    submitUrl: `http://127.0.0.1:${port}/`,
    sql,
    requests: 'app.requests',
    async stop() {
      await Promise.all(children.toReversed().map((child) => child.stop(5_000)));
      for (const closer of closers.toReversed()) await closer();
    },
  };
}

/** The peers' packages are no part of the product: they are installed where and when they are needed. */
async function install(): Promise<void> {
  const installed = await stat(path.join(peersFolder, 'node_modules')).then(
    () => true,
    () => false,
  );
  if (!installed) await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersFolder });
}

async function startRedis(
  folder: string,
  records: ReturnType<typeof childRecords>,
  children: Child[],
): Promise<string> {
  const port = await freePort();
  const logFile = path.join(folder, 'redis.log');
  // What BullMQ's documentation asks for: an append-only log, written every second, and nothing evicted.
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
  await run('redis-server', ['--version']).catch(() => {
    throw new SetupError('redis-server is not installed.', 'On Debian: apt-get install redis-server.');
  });
  children.push(
    await startChild({
      name: 'redis',
      command: 'redis-server',
      args,
      env: { PATH: process.env['PATH'] },
      logFile,
      records,
    }),
  );
  await waitFor(async () => (await readFile(logFile, 'utf8')).includes('Ready to accept'), {
    what: 'redis',
    timeoutMs: 10_000,
  });
  return `redis://127.0.0.1:${port}`;
}
