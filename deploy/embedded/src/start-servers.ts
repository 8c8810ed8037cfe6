import { databaseUrlOf, natsConfigOf, type Env } from '@sluice/runtime';
import {
  findNatsServer,
  startNatsServer,
  startPostgres,
  type ChildRecords,
  type OnStep,
} from '@sluice/servers';
import { keepNatsKeys, natsAuthorization } from '@sluice/rights';
import { requireNats, requirePostgres } from './external-servers.ts';
import { prepareDatabase } from './prepare-database.ts';
import type { StateFolder } from './state-folder.ts';
import type { Part } from './stop-in-order.ts';
import { supervise } from './supervise.ts';

export interface StartServersOptions {
  env: Env;
  state: StateFolder;
  records: ChildRecords;
  /** Each started server is added here, so that it can be stopped also when the other one fails. */
  servers: Part[];
  onStep: OnStep;
}

/** How services and commands come to the servers. */
export interface ServerAddresses {
  databaseUrl: string;
  /** Folder with an address for each service; null for a Postgres where one is for all. */
  databaseUrlsFolder: string | null;
  natsUrl: string;
  /** That a NATS which runs elsewhere asks for. */
  natsToken: string | null;
  /** Folder with a seed for each service; null for a NATS that runs elsewhere and knows them by other means. */
  natsKeysFolder: string | null;
}

/** Postgres and nats-server side by side, each started unless the environment names one that runs elsewhere. */
export async function startServers(options: StartServersOptions): Promise<ServerAddresses> {
  const [database, nats] = await Promise.allSettled([provideDatabase(options), provideNats(options)]);
  if (database.status === 'rejected') throw database.reason;
  if (nats.status === 'rejected') throw nats.reason;
  return { ...database.value, ...nats.value };
}

async function provideDatabase({
  env,
  state,
  records,
  servers,
  onStep,
}: StartServersOptions): Promise<Pick<ServerAddresses, 'databaseUrl' | 'databaseUrlsFolder'>> {
  const external = databaseUrlOf(env);
  if (external !== null) {
    await requirePostgres(external);
    return { databaseUrl: external, databaseUrlsFolder: env['DATABASE_URLS_DIR'] || null };
  }
  let port: number | undefined;
  const logFile = state.logFile('postgres');
  const start = async () => {
    const running = await startPostgres({ folder: state.postgres, port, logFile, records, onStep });
    port = running.port;
    return running;
  };
  const postgres = await supervise('Postgres', start, onStep);
  servers.push({ name: 'Postgres', stop: () => postgres.stop() });
  const { url: databaseUrl } = postgres.current();
  await prepareDatabase(databaseUrl, state.databaseUsers);
  return { databaseUrl, databaseUrlsFolder: state.databaseUsers };
}

async function provideNats({
  env,
  state,
  records,
  servers,
  onStep,
}: StartServersOptions): Promise<Pick<ServerAddresses, 'natsUrl' | 'natsToken' | 'natsKeysFolder'>> {
  const external = env['NATS_URL'];
  if (external) {
    const config = natsConfigOf(env);
    await requireNats(config, { hasKeys: !!env['NATS_KEYS_DIR'] });
    const natsToken = config.NATS_TOKEN ?? null;
    return { natsUrl: external, natsToken, natsKeysFolder: env['NATS_KEYS_DIR'] || null };
  }
  const settings = { lines: [natsAuthorization(await keepNatsKeys(state.natsKeys))] };
  const { path: binary } = await findNatsServer({ env, stateFolder: state.path, onStep });
  let port: number | undefined;
  const logFile = state.logFile('nats-server');
  const start = async () => {
    const running = await startNatsServer({
      binary,
      storeFolder: state.nats,
      port,
      logFile,
      settings,
      records,
    });
    port = running.port;
    return running;
  };
  const nats = await supervise('nats-server', start, onStep);
  servers.push({ name: 'nats-server', stop: () => nats.stop() });
  return { natsUrl: nats.current().url, natsToken: null, natsKeysFolder: state.natsKeys };
}
