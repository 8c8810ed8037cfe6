import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  childRecords,
  startChild,
  startNatsCluster,
  startNatsServer,
  type NatsCluster,
  type NatsServerSettings,
  type RunningNatsServer,
} from '@sluice/servers';
import { afterAll } from 'vitest';
import { askTestServers } from './ask-test-servers.ts';

/** Patience of connections with a broker that a test stops, for `connectBus`: long for a broker that runs. */
export const answerMaxMs = 500;

export interface TestNats {
  url: string;
  port: number;
  storeFolder: string;
  logFile: string;
  /** The running server; changes with each start. */
  server(): RunningNatsServer;
  /** Starts again on the same port and store, after `stop` or `kill`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Starts without JetStream on the same port, after `stop` or `kill`; clients wait for it. @returns stops it again. */
  startWithoutJetStream(): Promise<() => Promise<void>>;
  /** SIGKILL: unwritten data of the broker is lost. */
  kill(): Promise<void>;
  /** Removes all that was stored; only while it is stopped. */
  loseData(): Promise<void>;
}

/**
 * A nats-server of its own with an empty store for the calling test file, stopped when the file ends. Call it at the
 * top level of the file: `const nats = await testNats();`. It takes about 30 ms.
 */
export async function testNats(settings: NatsServerSettings = {}): Promise<TestNats> {
  const { runFolder, natsServer } = await askTestServers('/nats-server');
  const storeFolder = await mkdtemp(join(runFolder, 'nats-'));
  const records = childRecords(join(runFolder, `${process.pid}.children.json`));
  const start = (port?: number) =>
    startNatsServer({ binary: natsServer as string, storeFolder, port, settings, records });
  let server = await start();
  const { url, port } = server;
  afterAll(async () => {
    await server.stop();
    await rm(storeFolder, { recursive: true, force: true });
  });
  return {
    url,
    port,
    storeFolder,
    logFile: join(storeFolder, 'nats-server.log'),
    server: () => server,
    start: async () => void (server = await start(port)),
    stop: () => server.stop(),
    async startWithoutJetStream() {
      const child = await startChild({
        name: 'nats-server',
        command: natsServer as string,
        args: ['--addr', '127.0.0.1', '--port', String(port)],
        env: {},
        logFile: join(storeFolder, 'nats-server-without-jetstream.log'),
        records,
      });
      return async () => void (await child.kill());
    },
    kill: () => server.kill(),
    loseData: () => rm(join(storeFolder, 'jetstream'), { recursive: true, force: true }),
  };
}

/** Three nats-servers that are one cluster, for the calling test file; see `testNats`. */
export async function testNatsCluster(): Promise<NatsCluster> {
  const { runFolder, natsServer } = await askTestServers('/nats-server');
  const folder = await mkdtemp(join(runFolder, 'nats-cluster-'));
  const records = childRecords(join(runFolder, `${process.pid}.children.json`));
  const cluster = await startNatsCluster({ binary: natsServer as string, folder, records });
  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return cluster;
}
