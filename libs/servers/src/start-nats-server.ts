import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildRecords } from './child-records.ts';
import { logTail, startChild, type Child } from './child.ts';
import { natsServerVersion } from './nats-version.ts';
import { readNatsInfo } from './nats-info.ts';
import { natsServerConfig, type NatsServerSettings } from './nats-config.ts';
import { freePort, requireFreePort } from './ports.ts';
import { SetupError } from './setup-error.ts';

export interface StartNatsServerOptions {
  /** The nats-server program; see `findNatsServer`. */
  binary: string;
  /** Streams, configuration and log live here; created when missing. */
  storeFolder: string;
  /** Chosen free when left out. */
  port?: number | undefined;
  /** Of its own at each start when left out; a node of a cluster is known by it. */
  serverName?: string;
  host?: string;
  logFile?: string;
  settings?: NatsServerSettings;
  records?: ChildRecords | undefined;
}

export interface RunningNatsServer {
  url: string;
  host: string;
  port: number;
  pid: number;
  version: string;
  exited: Child['exited'];
  /** SIGTERM, then SIGKILL after 10 s. */
  stop(): Promise<void>;
  /** SIGKILL at once, for tests of crash recovery. */
  kill(): Promise<void>;
}

// A store of many gigabytes is checked before the server answers.
const READY_MS = 60_000;
const STOP_MS = 10_000;
const POLL_MS = 10;
// Between choosing a free port and binding it another program may take it.
const PORT_ATTEMPTS = 3;

/**
 * Starts nats-server with JetStream on a file store and waits until it answers.
 * @throws SetupError when the port is taken, or the server ends or stays silent; the message has its last log lines.
 */
export async function startNatsServer(options: StartNatsServerOptions): Promise<RunningNatsServer> {
  const { port, host = '127.0.0.1' } = options;
  if (port !== undefined) {
    await requireFreePort(port, host, 'nats-server');
    return await startOn(port, host, options);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(await freePort(host), host, options);
    } catch (error) {
      const isPortTaken = error instanceof SetupError && error.message.includes('address already in use');
      if (!isPortTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function startOn(
  port: number,
  host: string,
  options: StartNatsServerOptions,
): Promise<RunningNatsServer> {
  const { binary, storeFolder, settings = {}, records } = options;
  const { serverName = `sluice-${randomUUID()}` } = options;
  await mkdir(storeFolder, { recursive: true, mode: 0o700 });
  const logFile = options.logFile ?? join(storeFolder, 'nats-server.log');
  const configFile = join(storeFolder, 'nats-server.conf');
  const version = await natsServerVersion(binary);
  const config = natsServerConfig({ host, port, serverName, storeFolder, version, settings });
  // A new file: one that is there keeps the mode that it has.
  await rm(configFile, { force: true });
  await writeFile(configFile, config, { mode: 0o600, flag: 'wx' });
  const child = await startChild({
    name: 'nats-server',
    command: binary,
    args: ['-c', configFile],
    env: {},
    logFile,
    records,
  });
  try {
    await waitUntilReady(child, { host, port, serverName, logFile });
  } catch (error) {
    await child.kill();
    throw error;
  }
  return {
    url: `nats://${host}:${port}`,
    host,
    port,
    pid: child.pid,
    version,
    exited: child.exited,
    stop: async () => void (await child.stop(STOP_MS)),
    kill: async () => void (await child.kill()),
  };
}

async function waitUntilReady(
  child: Child,
  at: { host: string; port: number; serverName: string; logFile: string },
): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const exit = child.exit();
    if (exit !== null) {
      throw new SetupError(
        `nats-server ended while starting (${exit.code ?? exit.signal}): ${await logTail(at.logFile)}`,
        `The whole log is in ${at.logFile}.`,
      );
    }
    const info = await readNatsInfo(at.host, at.port);
    // The name tells our server from another one on the same port.
    if (info?.server_name === at.serverName && info.jetstream === true) return;
    await delay(POLL_MS);
  }
  throw new SetupError(`nats-server does not answer after ${READY_MS / 1000} s.`, `Look into ${at.logFile}.`);
}
