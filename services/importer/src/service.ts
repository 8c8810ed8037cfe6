import { tmpdir } from 'node:os';
import path from 'node:path';
import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import { openBus, serveCommand, sharedStoreId, startWithBroker, type Bus } from '@sluice/broker';
import {
  archiveProjectCommand,
  batchCancelled,
  batchCompleted,
  batchSubmitted,
  changeProjectCommand,
  createProjectCommand,
  findProjectCommand,
  findRefreshCommand,
  listProjectsCommand,
  listRefreshesCommand,
  projectRefreshRequested,
  refreshProjectCommand,
  renewHookCommand,
} from '@sluice/contracts';
import {
  deliveryMigrations,
  startConsumer,
  startOutboxRelay,
  type BatchHandler,
  type ConsumerDefinition,
} from '@sluice/delivery';
import { intakes as knownIntakes } from '@sluice/ecosystems/intake';
import { registryDocuments } from '@sluice/ecosystems/settings';
import type { Intake } from '@sluice/intake';
import { byKeySettings, openPostgres } from '@sluice/postgres';
import { lockfileAddresses } from '@sluice/registries';
import { defineService, repeat, wayOut, type ServiceContext } from '@sluice/runtime';
import { announceService } from '@sluice/stages';
import { giveUpBatch, onBatchSubmitted } from './batches/on-batch-submitted.ts';
import { archiveProject, changeProject, renewHook } from './commands/change-project.ts';
import { createProject } from './commands/create-project.ts';
import { findProject, findRefresh, listProjects, listRefreshes } from './commands/questions.ts';
import { refreshProject } from './commands/refresh-project.ts';
import { importerConfig, type ImporterConfig } from './config.ts';
import type { ImporterDeps } from './deps.ts';
import { parseGitCredentials } from './git/credentials.ts';
import { requireGit } from './git/require-git.ts';
import { removeAbandoned } from './git/work-folders.ts';
import { followSchedules } from './projects/follow-schedules.ts';
import { onBatchCancelled, onBatchCompleted } from './projects/on-batch-ended.ts';
import { giveUpRefresh, onRefreshRequested } from './projects/on-refresh-requested.ts';
import { recoverLost } from './recover-lost.ts';

const service = 'importer';
/** Few: a batch of files is work of seconds, and the last one waits for all that were handed out together. */
const limits = { batchMax: 4, attemptsMax: 5, ackWaitMs: 30_000 };
/** Ends of batches are a row each. */
const endLimits = { ...limits, batchMax: 100 };
/** People wait no longer for a push to be followed, and each turn is one query over an index. */
const scheduleMs = 2_000;
const sweepMs = 60_000;
/** More files than the largest repositories that are known have. */
const filesMax = 500_000;
/** How often lost messages are looked for: one is noticed within 45 s. */
const recoverMs = 15_000;

export const importerMigrations = [
  deliveryMigrations(service),
  { schema: service, folder: new URL('../migrations/', import.meta.url) },
];

/** @param intakes lockfiles that are read, by ecosystem. */
export function importerServiceOf(intakes: readonly Intake[]) {
  return defineService<ImporterConfig>({
    name: service,
    config: importerConfig,
    start: (context) => startImporter(context, intakes),
  });
}

export const importerService = importerServiceOf(knownIntakes);

async function startImporter(
  context: ServiceContext<ImporterConfig>,
  intakes: readonly Intake[],
): Promise<void> {
  const { config, health, log, signal } = context;
  const credentials = parseGitCredentials(config.GIT_CREDENTIALS);
  const artifacts = openArtifacts(context);
  const sql = await openPostgres(context, {
    schema: service,
    settings: byKeySettings,
    migrations: importerMigrations,
  });
  const bus = await openBus(context, async (opened) =>
    agreeOnStore(artifacts, await sharedStoreId(opened), signal),
  );
  await startWithBroker(context, (part) => announceService(bus, part));
  const relay = startOutboxRelay(bus, sql, service, context);
  const { proxy, ca } = wayOut(config);
  const root = config.GIT_WORK_DIR ?? path.join(tmpdir(), 'sluice-git');
  const deps: ImporterDeps = {
    sql,
    artifacts,
    intakes,
    registriesOf: lockfileAddresses(registryDocuments(config)),
    log,
    published: relay.notify,
    now: () => new Date(),
    git: {
      rules: { hosts: config.GIT_HOSTS, proxy },
      credentials,
      ca,
      root,
      limits: { timeoutMs: config.GIT_TIMEOUT_SECONDS * 1_000, sizeMaxBytes: config.GIT_MAX_BYTES, filesMax },
    },
    quotas: {
      refresh: { limit: config.PROJECT_REFRESH_LIMIT, windowSeconds: config.PROJECT_REFRESH_SECONDS },
      creation: { limit: config.PROJECT_CREATE_LIMIT, windowSeconds: 3_600 },
    },
    freshMs: config.PROJECT_FRESH_HOURS * 3_600_000,
    stopping: signal,
  };
  health.add('git', async () => ({ ok: true, detail: await requireGit() }), { required: false });
  await startConsumers(bus, deps, context);
  serveCommands(bus, deps);
  repeat(context, {
    name: 'looking for what got lost',
    everyMs: recoverMs,
    firstMs: recoverMs,
    run: () => recoverLost(bus, deps),
  });
  repeat(context, { name: 'following schedules', everyMs: scheduleMs, run: () => followSchedules(deps) });
  repeat(context, { name: 'removing abandoned clones', everyMs: sweepMs, run: () => removeAbandoned(root) });
  // Once it is ready, the broker knows of its commands: another connection may send one at once.
  await bus.nc.flush();
}

async function startConsumers(
  bus: Bus,
  deps: ImporterDeps,
  context: ServiceContext<ImporterConfig>,
): Promise<void> {
  const start = <Data>(
    definition: Omit<ConsumerDefinition<Data>, 'service'>,
    handle: BatchHandler<Data>,
  ): Promise<void> =>
    startWithBroker(context, (part) => startConsumer(bus, { service, ...definition }, handle, part));
  await start({ consumes: batchSubmitted, limits, onDead: giveUpBatch(deps) }, onBatchSubmitted(deps));
  await start(
    { consumes: projectRefreshRequested, limits, onDead: giveUpRefresh(deps) },
    onRefreshRequested(deps),
  );
  await start({ consumes: batchCompleted, limits: endLimits }, onBatchCompleted(deps));
  await start({ consumes: batchCancelled, limits: endLimits }, onBatchCancelled(deps));
}

function serveCommands(bus: Bus, deps: ImporterDeps): void {
  const { log } = deps;
  serveCommand(bus, createProjectCommand, (input) => createProject(input, deps), log);
  serveCommand(bus, changeProjectCommand, (input) => changeProject(input, deps), log);
  serveCommand(bus, archiveProjectCommand, (input) => archiveProject(input, deps), log);
  serveCommand(bus, renewHookCommand, (input) => renewHook(input, deps), log);
  serveCommand(bus, refreshProjectCommand, (input) => refreshProject(input, deps), log);
  serveCommand(bus, findProjectCommand, (input) => findProject(input, deps), log);
  serveCommand(bus, listProjectsCommand, (input) => listProjects(input, deps), log);
  serveCommand(bus, listRefreshesCommand, (input) => listRefreshes(input, deps), log);
  serveCommand(bus, findRefreshCommand, (input) => findRefresh(input, deps), log);
}
