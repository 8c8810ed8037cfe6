import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prepareDatabase, startStack, stackServices, stateFolder, type Stack } from '@sluice/embedded';
import { connectBus, type Bus } from '@sluice/broker';
import { keepNatsKeys, natsAuthorization, natsKeyFile } from '@sluice/rights';
import { createPostgres, type Sql } from '@sluice/postgres';
import { createLogger, type Env } from '@sluice/runtime';
import { importAdvisoriesFrom } from '@sluice/scanner';
import { childRecords, freePort, isAlive, startPostgres, type ChildRecord } from '@sluice/servers';
import { startFakeNpmRegistry, type FakeNpmRegistry } from '@sluice/ecosystems/npm/fakes';
import { waitFor } from '@sluice/testkit/fakes';
import { Broker, type BrokerOptions } from './broker.ts';
import { Database } from './database.ts';
import { Load } from './load.ts';
import { seededRandom, type Random } from './random.ts';

export const serviceNames = [
  'gateway',
  'gate',
  'importer',
  'notifier',
  'license',
  'downloader',
  'scanner',
  'aggregator',
  'projector',
] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface WorldOptions {
  seed: number;
  /** Package versions that a row submits. */
  packages: number;
  /** The nats-server program. */
  natsServer: string;
  /** Outages as long as the table of faults says, instead of shortened ones. */
  full: boolean;
  /** Variables of the services, over the defaults. */
  env?: Env;
  /** Addresses for the services in place of the broker's and the database's, for instance of a proxy in between. */
  reroute?: (
    addresses: { natsUrl: string; databaseUrl: string },
    sql: Sql,
  ) => Promise<{
    natsUrl?: string;
    databaseUrl?: string;
    close?: () => Promise<void>;
  }>;
  /** Starts more of the outside world. @returns variables for the services that know of it. */
  prepare?: () => Promise<{ env: Env; close: () => Promise<void> }>;
  /** Runs the broker in another way, for instance on a disk that is full. */
  makeBroker?: (options: BrokerOptions) => Promise<Broker>;
  /** Mounts something in the world's folder, before anything is in it. @returns unmounts it. */
  mount?: (folder: string) => Promise<() => Promise<void>>;
  /** Leave the folder with its logs behind. */
  keep: boolean;
  say: (line: string) => void;
}

/** A row's expectations of its world, for the checker. */
export interface Expectations {
  /** Outcomes that a package version may have, by purl; `approve` unless said otherwise. */
  outcomes: Map<string, readonly string[]>;
  /** The broker lost its data: comparisons with the stream are skipped. */
  streamLost: boolean;
  /** Events were put into the stream that no service published. */
  foreignEvents: boolean;
  /** Requests that somebody tried to cancel: they may have ended so. */
  cancelled: Set<string>;
  /** Package versions that people tried to decide: they may have several decisions. */
  decided: Set<string>;
}

/** The split stack with its own servers, a made-up registry and a client: everything that faults are injected into. */
export interface World extends WorldOptions {
  folder: string;
  random: Random;
  registry: FakeNpmRegistry;
  broker: Broker;
  database: Database;
  stack: Stack;
  load: Load;
  /** For looking from outside, never for working. */
  sql: Sql;
  bus: Bus;
  /** Messages of the stack: starts, ends and restarts of services. */
  steps: string[];
  /** Variables of the services. */
  env: Env;
  /** Set by rows, read by the checker. */
  expectations: Expectations;
  /** The process of each service that runs now. */
  processes(): Promise<ChildRecord[]>;
  pidOf(service: ServiceName): Promise<number>;
  signal(service: ServiceName, signal: NodeJS.Signals): Promise<number>;
  /** Arms a failpoint in a running service; it holds once. */
  arm(service: ServiceName, point: string): Promise<void>;
  /** Whether a failpoint was passed since it was armed. */
  hasFired(service: ServiceName): Promise<boolean>;
  close(): Promise<void>;
}

/** Starts a world in a folder of its own under the system's temporary folder. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-chaos-'));
  // Postgres runs as another user when this runs as root, and must be able to enter.
  await chmod(folder, 0o711);
  const closers: (() => Promise<unknown>)[] = [];
  if (options.keep) options.say(`  everything is kept in ${folder}`);
  else closers.push(() => rm(folder, { recursive: true, force: true }));
  const close = async () => {
    for (const closer of closers.splice(0).toReversed())
      await closer().catch((error: unknown) => options.say(`closing: ${String(error)}`));
  };
  try {
    return await build(options, folder, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  options: WorldOptions,
  folder: string,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<World> {
  if (options.mount) closers.push(await options.mount(folder));
  const random = seededRandom(options.seed);
  const registry = await startFakeNpmRegistry();
  closers.push(() => registry.stop());
  const records = childRecords(path.join(folder, 'servers.json'));
  closers.push(() => records.endLeftovers());
  const database = new Database((port) =>
    startPostgres({
      folder: path.join(folder, 'postgres'),
      port,
      records,
      logFile: path.join(folder, 'postgres.log'),
    }),
  );
  await database.start();
  closers.push(() => database.stop());
  const natsKeys = path.join(folder, 'nats-keys');
  const lines = [natsAuthorization(await keepNatsKeys(natsKeys))];
  const operatorKey = await readFile(natsKeyFile(natsKeys, 'operator'), 'utf8');
  const natsFolder = path.join(folder, 'nats');
  const brokerOptions = { binary: options.natsServer, folder: natsFolder, lines, operatorKey, records };
  const broker = options.makeBroker ? await options.makeBroker(brokerOptions) : new Broker(brokerOptions);
  await broker.start();
  closers.push(() => broker.close());

  const sql = createPostgres({ url: database.url, service: 'chaos', schema: 'public', pool: 4 });
  closers.push(() => sql.end({ timeout: 2 }));
  const failpoints = path.join(folder, 'failpoints');
  await mkdir(failpoints);
  const route = { natsUrl: broker.url, databaseUrl: database.url };
  const rerouted = options.reroute ? await options.reroute(route, sql) : {};
  const databaseUsers = path.join(folder, 'database-users');
  if (!rerouted.databaseUrl) await prepareDatabase(database.url, databaseUsers);
  await importAdvisories(rerouted.databaseUrl ?? database.url, folder);
  if (rerouted.close) closers.push(rerouted.close);
  const prepared = await options.prepare?.();
  if (prepared) closers.push(prepared.close);
  const env: Env = {
    PATH: process.env['PATH'],
    NPM_REGISTRY_URL: registry.url,
    ADVISORIES_URL: 'off',
    NATS_URL: rerouted.natsUrl ?? route.natsUrl,
    NATS_KEYS_DIR: natsKeys,
    DATABASE_URL: rerouted.databaseUrl ?? route.databaseUrl,
    // A row that names another role means all services with it.
    DATABASE_URLS_DIR: rerouted.databaseUrl ? undefined : databaseUsers,
    SLUICE_FAILPOINT_FOLDER: failpoints,
    // So that a run that was killed from outside can be told from other people's processes.
    SLUICE_TEST_RUN: process.env['SLUICE_TEST_RUN'],
    ...options.env,
    ...prepared?.env,
  };
  const steps: string[] = [];
  const stack = await startStack({
    stateFolder: folder,
    services: stackServices,
    env,
    split: true,
    open: true,
    port: await freePort(),
    gatePort: await freePort(),
    onStep: (line) => void steps.push(`${new Date().toISOString()} ${line}`),
  });
  closers.push(() => stack.stop());
  const log = createLogger('chaos', 'silent');
  const bus = await connectBus({
    url: broker.url,
    nkey: operatorKey,
    service: 'chaos',
    instance: 'chaos',
    log,
  });
  closers.push(() => bus.close());
  const load = new Load(stack.info.apiUrl, registry, random);
  closers.push(async () => load.giveUp());
  const expectations: Expectations = {
    outcomes: new Map(),
    streamLost: false,
    foreignEvents: false,
    cancelled: new Set(),
    decided: new Set(),
  };
  const parts = {
    env,
    folder,
    random,
    registry,
    broker,
    database,
    stack,
    load,
    sql,
    bus,
    steps,
    expectations,
  };
  return { ...options, ...parts, ...control(folder, failpoints), close };
}

/** Signals and failpoints. */
function control(folder: string, failpoints: string) {
  const processes = async () => {
    const { childrenFile } = stateFolder(folder);
    const all = JSON.parse(await readFile(childrenFile, 'utf8')) as ChildRecord[];
    return all.filter(({ name }) => (serviceNames as readonly string[]).includes(name));
  };
  const pidOf = async (service: ServiceName) => {
    const found = await waitFor(
      async () => (await processes()).findLast(({ name, pid }) => name === service && isAlive(pid)),
      { what: `${service} to run`, timeoutMs: 60_000 },
    );
    return found.pid;
  };
  const armedFile = (service: ServiceName) => path.join(failpoints, service);
  return {
    processes,
    pidOf,
    async signal(service: ServiceName, signal: NodeJS.Signals) {
      const pid = await pidOf(service);
      process.kill(pid, signal);
      return pid;
    },
    async arm(service: ServiceName, point: string) {
      await writeFile(`${armedFile(service)}.new`, point);
      await rename(`${armedFile(service)}.new`, armedFile(service));
    },
    hasFired: (service: ServiceName) =>
      readFile(armedFile(service)).then(
        () => false,
        () => true,
      ),
  };
}

/** One record, so that evidence is complete and clean packages are approved. */
async function importAdvisories(databaseUrl: string, folder: string): Promise<void> {
  const advisories = path.join(folder, 'advisories');
  await mkdir(advisories);
  const affected = [
    {
      package: { ecosystem: 'npm', name: 'nobody-submits-this' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
    },
  ];
  const record = { id: 'TEST-1', modified: '2024-01-01T00:00:00Z', summary: 'A hole', affected };
  await writeFile(path.join(advisories, 'TEST-1.json'), JSON.stringify(record));
  await importAdvisoriesFrom(databaseUrl, advisories);
}
