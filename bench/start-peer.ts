import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createPostgres } from '@sluice/postgres';
import { freePort, startChild, startPostgres } from '@sluice/servers';
import { waitFor } from '@sluice/testkit/fakes';
import { concurrency } from './concurrency.ts';
import type { Contestant } from './contestant.ts';
import { openScratch, type Scratch } from './scratch.ts';

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
 * for BullMQ, see `missingRedis`.
 */
export async function startPeer(name: PeerName): Promise<Contestant> {
  await installPeers();
  const scratch = await openScratch();
  try {
    return await startIn(scratch, name);
  } catch (error) {
    await scratch.close();
    throw error;
  }
}

async function startIn(scratch: Scratch, name: PeerName): Promise<Contestant> {
  const { folder, records } = scratch;
  const postgres = await startPostgres({ folder: path.join(folder, 'postgres'), records });
  scratch.onClose(() => postgres.stop());
  const sql = createPostgres({ url: postgres.url, service: 'bench', schema: 'public', pool: 4 });
  scratch.onClose(() => sql.end({ timeout: 2 }));
  const { stages, tables } = (await import(pathToFileURL(path.join(peersFolder, 'chain.mjs')).href)) as Chain;
  await sql.unsafe(tables);
  const env: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    DATABASE_URL: postgres.url,
    CONCURRENCY: String(concurrency),
  };
  if (name === 'bullmq') env['REDIS_URL'] = await startRedis(scratch);
  const port = await freePort();
  const main = path.join(peersFolder, 'main.mjs');
  const start = (role: string, ...args: string[]) =>
    startProgram(scratch, role, {
      command: process.execPath,
      args: [main, name, role, ...args],
      env,
      says: 'ready',
    });
  // One after the other: the first one makes the peer's own tables.
  await start('api', String(port));
  for (const stage of stages) await start(stage);
  return {
    name,
    submitUrl: `http://127.0.0.1:${port}/`,
    sql,
    requests: 'app.requests',
    processes: () => records.alive(),
    stop: () => scratch.close(),
  };
}

/** Starts a program that is ended with the scratch, and waits until its log says that it is ready. */
async function startProgram(
  scratch: Scratch,
  name: string,
  program: { command: string; args: string[]; env: NodeJS.ProcessEnv; says: string },
): Promise<void> {
  const logFile = path.join(scratch.folder, `${name}.log`);
  const child = await startChild({ name, ...program, logFile, records: scratch.records });
  scratch.onClose(() => child.stop(5_000));
  await waitFor(async () => (await readFile(logFile, 'utf8')).includes(program.says), {
    what: name,
    timeoutMs: 30_000,
  });
}

/** The peers' packages are no part of the product: they are installed where and when they are needed. */
export async function installPeers(): Promise<void> {
  const installed = await stat(path.join(peersFolder, 'node_modules')).then(
    () => true,
    () => false,
  );
  if (!installed) await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersFolder });
}

/** Checks for redis-server, which BullMQ needs. */
export async function missingRedis(): Promise<string | null> {
  return run('redis-server', ['--version']).then(
    () => null,
    () => 'redis-server is not installed; on Debian: apt-get install redis-server',
  );
}

async function startRedis(scratch: Scratch): Promise<string> {
  const port = await freePort();
  // As BullMQ's documentation advises: an append-only log, written every second, and nothing evicted.
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: scratch.folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const env = { PATH: process.env['PATH'] };
  await startProgram(scratch, 'redis', { command: 'redis-server', args, env, says: 'Ready to accept' });
  return `redis://127.0.0.1:${port}`;
}
