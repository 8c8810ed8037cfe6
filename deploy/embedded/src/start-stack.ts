import { readFile, rm, writeFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ownSecret } from '@sluice/rights';
import { databaseUrlOf, type Env } from '@sluice/runtime';
import { newSigningKey } from '@sluice/signing';
import {
  SetupError,
  childRecords,
  freePort,
  isFreePort,
  processIdentity,
  requireFreePort,
  requireOwnAddress,
  type ChildRecords,
  type OnStep,
} from '@sluice/servers';
import { npmSettings, type NpmSettings } from './npm-settings.ts';
import { pipRegistries } from './pip-settings.ts';
import { runAsProcess } from './run-as-process.ts';
import { claimFolder, publishRunning, releaseFolder, type RunInfo } from './run-file.ts';
import { runInProcess, type ServicePart } from './run-in-process.ts';
import { serviceEnv } from './service-env.ts';
import type { StackService } from './stack-service.ts';
import { startServers } from './start-servers.ts';
import { clearData, createStateFolder, rotateLog, stateFolder, type StateFolder } from './state-folder.ts';
import { stopInOrder, type Part } from './stop-in-order.ts';

export interface StackOptions {
  stateFolder: string;
  /** In order of their start. */
  services: StackService[];
  env: Env;
  /** One process per service instead of one for all. */
  split?: boolean;
  /** Begin without the data of earlier runs. */
  fresh?: boolean;
  /** Of the API. When left out: the one it had last, or else 8080, unless that is taken. */
  port?: number | undefined;
  /** Of the gate; chosen like the API's, from 8081 on. */
  gatePort?: number | undefined;
  /** Of both. */
  host?: string;
  /** Ask for no key: whoever reaches the API may do everything. */
  open?: boolean;
  onStep?: OnStep;
}

export interface Stack {
  info: RunInfo;
  /** Stops everything in order, keeps the data; resolves within 25 s. */
  stop(): Promise<void>;
}

/** One private key as PEM, or several when the operator has put a new one in front. */
const signingKeys = {
  create: () => newSigningKey().trim(),
  pattern: /^(?:-----BEGIN PRIVATE KEY-----[\w+/=\s]+-----END PRIVATE KEY-----\s*)+$/,
};

/** Where a listener is when nothing says otherwise. */
const usualPorts = { api: 8_080, gate: 8_081 };
const READY_MS = 60_000;
const POLL_MS = 20;
// Together below the 25 s that orchestrators and people grant; Postgres and NATS need about a second of it.
const stopServices = { eachMs: 5_000, allMs: 17_000 };
const stopServers = { eachMs: 0, allMs: 6_000 };

/** Ends all processes of the stack in this folder at once, for the second Ctrl-C. */
export async function killStack(folder: string): Promise<void> {
  await childRecords(stateFolder(folder).childrenFile).endLeftovers({ graceMs: 0 });
}

/**
 * Starts nats-server and Postgres (unless NATS_URL or DATABASE_URL name others), then all services, and waits until
 * each is ready. Processes left by a killed launcher are ended first; its data is used again.
 * @throws SetupError with one line and a remedy; parts that had been started are stopped before.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { env, split = false, fresh = false, open = false, onStep = () => undefined } = options;
  const { host = '127.0.0.1' } = options;
  const state = stateFolder(options.stateFolder);
  const isEntered = databaseUrlOf(env) === null && process.getuid?.() === 0;
  await createStateFolder(state, { isEntered });
  const info = await newRunInfo(state, split, options.services);
  await claimFolder(state, info);
  const records = childRecords(state.childrenFile);
  const servers: Part[] = [];
  const services: ServicePart[] = [];
  const stop = async (): Promise<void> => {
    const late = await stopInOrder(services, stopServices, onStep);
    if (late.length > 0) onStep(`Not stopped in time: ${late.join(', ')}.`);
    await stopInOrder(servers, stopServers, onStep);
    await releaseFolder(state);
  };
  try {
    await clearLeftovers(records, onStep);
    if (fresh) await startAfresh(state, isEntered, onStep);
    await Promise.all(Object.values(info.logs).map(rotateLog));
    const apiPort = await choosePort('API', options.port, options, {
      file: state.apiPortFile,
      usual: usualPorts.api,
    });
    const gatePort = await choosePort('gate', options.gatePort, options, {
      file: state.gatePortFile,
      usual: usualPorts.gate,
    });
    const [npm, registries, addresses] = await Promise.all([
      npmSettings(env),
      pipRegistries(env),
      startServers({ env, state, records, servers, onStep }),
    ]);
    const apiKey = open ? null : await ownSecret(state.apiKeyFile);
    const hasHookKey = Boolean(env['HOOK_KEY'] || env['HOOK_KEY_FILE']);
    if (!hasHookKey) await ownSecret(state.hookKeyFile);
    const hasSecretsKey = Boolean(env['SECRETS_KEY'] || env['SECRETS_KEY_FILE']);
    if (!hasSecretsKey) await ownSecret(state.secretsKeyFile);
    const hasSigningKeys = Boolean(env['SIGNING_KEYS'] || env['SIGNING_KEYS_FILE']);
    if (!hasSigningKeys) await ownSecret(state.signingKeysFile, signingKeys);
    const settings = {
      ...addresses,
      npm,
      registries,
      npmCredentialsFile: await keepCredentials(npm, state),
      apiKeyFile: open ? null : state.apiKeyFile,
      hookKeyFile: hasHookKey ? null : state.hookKeyFile,
      secretsKeyFile: hasSecretsKey ? null : state.secretsKeyFile,
      signingKeysFile: hasSigningKeys ? null : state.signingKeysFile,
      host,
      apiPort,
      gatePort,
    };
    const run = (service: StackService) => {
      const environment = serviceEnv(service.name, { env, state, addresses: settings });
      return split
        ? runAsProcess(service, environment, { state, records, onStep })
        : runInProcess(service, environment, state);
    };
    await startServices(options.services, run, services, split);
    Object.assign(info, {
      ...addresses,
      apiUrl: localUrl(schemeOf(env, 'HTTP_TLS_CERT'), host, apiPort),
      gateUrl: localUrl(schemeOf(env, 'GATE_TLS_CERT'), host, gatePort),
      apiKey,
      health: Object.fromEntries(
        services.flatMap(({ name, healthUrl }) => (healthUrl === undefined ? [] : [[name, healthUrl]])),
      ),
      state: 'ready',
    } satisfies Partial<RunInfo>);
    await waitUntilReady(services, state);
    await writeFile(state.apiPortFile, String(apiPort));
    await writeFile(state.gatePortFile, String(gatePort));
    await publishRunning(state, info);
  } catch (error) {
    await stop();
    throw error;
  }
  return { info, stop };
}

/** By file, for its owner only: the environment of a process is easier to come by. */
async function keepCredentials({ credentials }: NpmSettings, state: StateFolder): Promise<string | null> {
  await rm(state.npmCredentialsFile, { force: true });
  if (credentials === '') return null;
  await writeFile(state.npmCredentialsFile, credentials, { mode: 0o600 });
  return state.npmCredentialsFile;
}

const schemeOf = (env: Env, certificate: string) =>
  env[certificate] || env[`${certificate}_FILE`] ? 'https' : 'http';

/** A listener as programs of this machine reach it. */
function localUrl(scheme: string, host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `${scheme}://127.0.0.1:${port}`;
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

async function newRunInfo(state: StateFolder, split: boolean, services: StackService[]): Promise<RunInfo> {
  const parts = ['nats-server', 'postgres', ...services.map(({ name }) => name)];
  return {
    pid: process.pid,
    identity: (await processIdentity(process.pid)) ?? '',
    startedAt: new Date().toISOString(),
    state: 'starting',
    split,
    apiUrl: '',
    apiKey: null,
    natsUrl: '',
    natsToken: null,
    natsKeysFolder: null,
    databaseUrl: '',
    databaseUrlsFolder: null,
    artifactsFolder: state.artifacts,
    spansFolder: state.spans,
    logs: Object.fromEntries(parts.map((name) => [name, state.logFile(name)])),
    health: {},
  };
}

async function clearLeftovers(records: ChildRecords, onStep: OnStep): Promise<void> {
  const ended = await records.endLeftovers({ last: ['nats-server', 'postgres'] });
  if (ended.length > 0)
    onStep(`An earlier run was killed; ended what it left: ${ended.map(({ name }) => name).join(', ')}.`);
}

async function startAfresh(state: StateFolder, isEntered: boolean, onStep: OnStep): Promise<void> {
  await clearData(state);
  await createStateFolder(state, { isEntered });
  onStep(`Removed the data of earlier runs in ${state.path}.`);
}

/** The port that is asked for, or else the one of last time, or else a free one. */
async function choosePort(
  name: string,
  port: number | undefined,
  { host = '127.0.0.1', onStep = () => undefined }: StackOptions,
  { file, usual }: { file: string; usual: number },
): Promise<number> {
  await requireOwnAddress(host);
  if (port !== undefined) {
    await requireFreePort(port, host, `the ${name}`);
    return port;
  }
  const wanted = Number(await readFile(file, 'utf8').catch(() => usual));
  if (await isFreePort(wanted, host)) return wanted;
  const free = await freePort(host);
  onStep(
    `Port ${wanted} is taken by another program; the ${name} listens at ${free} instead, and keeps that.`,
  );
  return free;
}

/** Processes start side by side; in one process there is one core to share, and an order is easier to follow. */
async function startServices(
  services: StackService[],
  run: (service: StackService) => Promise<ServicePart>,
  started: ServicePart[],
  sideBySide: boolean,
): Promise<void> {
  if (!sideBySide) {
    for (const service of services) started.push(await run(service));
    return;
  }
  const results = await Promise.allSettled(services.map(run));
  for (const result of results) if (result.status === 'fulfilled') started.push(result.value);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function waitUntilReady(services: ServicePart[], state: StateFolder): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (const service of services) {
    while (!(await service.isReady())) {
      if (Date.now() > deadline) {
        throw new SetupError(
          `${service.name} is not ready after ${READY_MS / 1000} s.`,
          `Its log is ${join(state.logs, `${service.name}.log`)}.`,
        );
      }
      await delay(POLL_MS);
    }
  }
}
