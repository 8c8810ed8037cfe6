import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  childRecords,
  findNatsServer,
  findPromtool,
  startPostgres,
  type RunningPostgres,
} from '@sluice/servers';

/** Answer of a test run's main process to its workers. */
export interface TestServersAnswer {
  /** Folder of this run; everything in it is removed at the end. */
  runFolder: string;
  /** Answer of `/postgres`: the one Postgres of the run. */
  postgresUrl?: string;
  /** Answer of `/nats-server`: path of the program. */
  natsServer?: string;
  /** Answer of `/promtool`: path of the program, or null when it cannot be had. */
  promtool?: string | null;
  /** One line for people, when it could not be had. */
  error?: string;
}

export interface TestServers {
  url: string;
  runFolder: string;
  /** Stops everything; returns one line for each server that a test file left running. */
  stop(): Promise<string[]>;
}

const CONNECTIONS_MAX = 300;
const onStep = (line: string) => process.stderr.write(`${line}\n`);

/** Listens on loopback and starts each requested server once. */
export async function startTestServers({
  root,
  env,
}: {
  root: string;
  env: NodeJS.ProcessEnv;
}): Promise<TestServers> {
  const runFolder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  // Postgres runs as another user when the tests run as root, and must be able to enter.
  await chmod(runFolder, 0o711);
  let postgres: Promise<RunningPostgres> | undefined;
  let natsServer: Promise<string> | undefined;
  let promtool: Promise<string | null> | undefined;

  const answers: Record<string, () => Promise<Partial<TestServersAnswer>>> = {
    '/postgres': async () => {
      postgres ??= startPostgres({
        folder: join(runFolder, 'postgres'),
        durable: false,
        maxConnections: CONNECTIONS_MAX,
      });
      return { postgresUrl: (await postgres).url };
    },
    '/nats-server': async () => {
      natsServer ??= findNatsServer({ env, stateFolder: join(root, '.sluice'), onStep }).then(
        ({ path }) => path,
      );
      return { natsServer: await natsServer };
    },
    '/promtool': async () => {
      promtool ??= findPromtool({ env, toolsFolder: join(root, '.sluice', 'tools'), onStep });
      return { promtool: await promtool };
    },
  };
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''] ?? (() => Promise.reject(new Error('no such server')));
    void answer()
      .catch((error: unknown) => ({ error: String(error) }))
      .then((body) => response.end(JSON.stringify({ runFolder, ...body })));
  });
  const { port } = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    runFolder,
    async stop() {
      server.close();
      server.closeAllConnections();
      const leftovers = await endRecordedServers(runFolder);
      await (await postgres?.catch(() => undefined))?.stop();
      await rm(runFolder, { recursive: true, force: true });
      return leftovers;
    },
  };
}

function listen(server: Server): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
}

/** Each worker records the servers that it starts in a file of its own. */
async function endRecordedServers(runFolder: string): Promise<string[]> {
  const files = (await readdir(runFolder)).filter((name) => name.endsWith('.children.json'));
  const ended = await Promise.all(files.map((file) => childRecords(join(runFolder, file)).endLeftovers()));
  return ended.flat().map(({ name, pid }) => `${name} (process ${pid}) was not stopped by its test file`);
}
