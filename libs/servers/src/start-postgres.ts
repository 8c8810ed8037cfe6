import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildRecords } from './child-records.ts';
import { logTail, startChild, type Child } from './child.ts';
import { freePort, requireFreePort } from './ports.ts';
import { ensureCluster, postgresEnv, postgresUserName } from './postgres-cluster.ts';
import { preparePostgresHome, type PostgresHome } from './postgres-home.ts';
import { clearPostmasterLock, postmasterStatus } from './postgres-lock.ts';
import { SetupError, type OnStep } from './setup-error.ts';

export interface StartPostgresOptions {
  /** Data, password and log live here; created on the first start. See `preparePostgresHome` for root. */
  folder: string;
  /** Chosen free when left out. */
  port?: number | undefined;
  host?: string;
  /** False for tests: nothing is flushed to disk, a power cut loses the data. */
  durable?: boolean;
  maxConnections?: number;
  logFile?: string;
  records?: ChildRecords | undefined;
  onStep?: OnStep;
}

export interface RunningPostgres {
  /** With user and password, to the database `postgres`. */
  url: string;
  host: string;
  port: number;
  pid: number;
  /** Where the data really is. */
  folder: string;
  exited: Child['exited'];
  /** Fast shutdown: open transactions are rolled back; SIGKILL after 20 s. */
  stop(): Promise<void>;
  /** SIGKILL to the postmaster, for tests of crash recovery. */
  kill(): Promise<void>;
}

// Recovery after a crash replays up to max_wal_size before connections are accepted.
const READY_MS = 120_000;
const STOP_MS = 20_000;
const POLL_MS = 10;
const ATTEMPTS = 5;
const RETRY_MS = 500;

/**
 * Starts Postgres on loopback, creating the cluster on the first start, and waits until it accepts connections.
 * Leftovers of a crash are dealt with.
 * @throws SetupError when it cannot be created or started; the message has the last log lines.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const { host = '127.0.0.1', durable = true, onStep = () => undefined } = options;
  const home = await preparePostgresHome(options.folder, onStep);
  if (await clearPostmasterLock(home.dataFolder)) onStep('Stopped a Postgres that an earlier run had left.');
  const password = await ensureCluster(home, durable, onStep);
  const logFile = options.logFile ?? join(home.folder, 'postgres.log');
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort(host));
    try {
      if (options.port !== undefined) await requireFreePort(port, host, 'Postgres');
      const child = await startOn(home, { ...options, host, port, durable, logFile });
      return running(
        child,
        home,
        `postgres://${postgresUserName}:${password}@${host}:${port}/postgres`,
        host,
        port,
      );
    } catch (error) {
      // After a kill -9 the last backends keep memory and port for a moment, and their own last words may be all that is
      // left of the log; a free port may be taken by another process.
      const mayPass =
        error instanceof SetupError &&
        /shared memory block|unexpected postmaster exit|Address already in use|taken by another program/.test(
          error.message,
        );
      if (!mayPass || attempt === ATTEMPTS) throw error;
      await delay(RETRY_MS);
    }
  }
}

function running(child: Child, home: PostgresHome, url: string, host: string, port: number): RunningPostgres {
  return {
    url,
    host,
    port,
    pid: child.pid,
    folder: home.folder,
    exited: child.exited,
    stop: async () => void (await child.stop(STOP_MS)),
    kill: async () => void (await child.kill()),
  };
}

type Settled = StartPostgresOptions & { host: string; port: number; durable: boolean; logFile: string };

async function startOn(home: PostgresHome, options: Settled): Promise<Child> {
  const settings = Object.entries(postgresSettings(options)).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = await startChild({
    name: 'postgres',
    command: home.binaries.postgres,
    args: ['-D', home.dataFolder, ...settings],
    env: postgresEnv,
    cwd: home.folder,
    ...home.user,
    logFile: options.logFile,
    // Fast shutdown; on SIGTERM Postgres would wait for its clients to leave.
    stopSignal: 'SIGINT',
    records: options.records,
  });
  try {
    await waitUntilReady(child, home.dataFolder, options.logFile);
    return child;
  } catch (error) {
    await child.stop(STOP_MS);
    throw error;
  }
}

function postgresSettings({
  host,
  port,
  durable,
  maxConnections = 100,
}: Settled): Record<string, string | number> {
  return {
    listen_addresses: host,
    port,
    max_connections: maxConnections,
    // No socket file: nothing on disk that another user could connect to, no limit on the length of its path.
    unix_socket_directories: '',
    // One machine shares its memory with six services and a broker.
    shared_buffers: '64MB',
    // There are no replicas, so less needs to be logged.
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '1GB',
    // Memory files may be as small as 64 MB in a container.
    dynamic_shared_memory_type: 'mmap',
    ...(durable
      ? {}
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }),
  };
}

async function waitUntilReady(child: Child, dataFolder: string, logFile: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const exit = child.exit();
    if (exit !== null) {
      throw new SetupError(
        `Postgres ended while starting (${exit.code ?? exit.signal}): ${await logTail(logFile)}`,
        `The whole log is in ${logFile}.`,
      );
    }
    const status = await postmasterStatus(dataFolder);
    if (status?.pid === child.pid && status.ready) return;
    await delay(POLL_MS);
  }
  throw new SetupError(`Postgres is not ready after ${READY_MS / 1000} s.`, `Look into ${logFile}.`);
}
