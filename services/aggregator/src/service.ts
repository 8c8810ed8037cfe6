import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import {
  approveCommand,
  bulkWindowCommand,
  cancelBatchCommand,
  cancelCommand,
  changeLaneCommand,
  controlCommand,
  createWaiverCommand,
  decideManyCommand,
  discardCommand,
  endWaiverCommand,
  knownBatchesCommand,
  knownRequestsCommand,
  listPoliciesCommand,
  listReplaysCommand,
  listStandingsCommand,
  listWaiversCommand,
  redriveCommand,
  replayCommand,
  rejectCommand,
  retryCommand,
  steerReplayCommand,
  tryPolicyCommand,
} from '@sluice/contracts';
import { announceService, openDroppedAssessments } from '@sluice/stages';
import { openBus, serveCommand, sharedStoreId, startWithBroker } from '@sluice/broker';
import { deliveryMigrations, serveReleasing, startOutboxRelay, watchTopology } from '@sluice/delivery';
import { byKeySettings, openPostgres } from '@sluice/postgres';
import { defineService, type ServiceContext } from '@sluice/runtime';
import { admitBulk } from './assessments/admit-bulk.ts';
import { admitUrgent } from './assessments/admit-urgent.ts';
import { startBulkPacer } from './assessments/bulk-pacer.ts';
import { bulkWindow } from './commands/bulk-window.ts';
import { cancelBatch } from './commands/cancel-batch.ts';
import { cancelRequest } from './commands/cancel-request.ts';
import { changeLane } from './commands/change-lane.ts';
import { setControl } from './commands/control.ts';
import { knownBatches } from './commands/known-batches.ts';
import { knownRequests } from './commands/known-requests.ts';
import { listReplays } from './commands/list-replays.ts';
import { listStandings } from './commands/list-standings.ts';
import { replayStage } from './commands/replay.ts';
import { retryFailed } from './commands/retry.ts';
import { discardDeadLetters, redriveDeadLetters } from './commands/dead-letters.ts';
import { createWaiver, endWaiver, listWaivers } from './commands/waivers.ts';
import { tryPolicy } from './commands/try-policy.ts';
import { activatePolicies, listPolicies } from './policies.ts';
import { steerReplay } from './commands/steer-replay.ts';
import { decideMany } from './commands/decide-many.ts';
import { decidePackage } from './commands/decide.ts';
import { aggregatorConfig, type AggregatorConfig } from './config.ts';
import { startConsumers } from './consumers.ts';
import type { AggregatorDeps } from './deps.ts';
import { mendMergedNames } from './requests/mend-merged-names.ts';
import { repeatWork } from './repeat-work.ts';
import { readScopes } from './scopes.ts';
import { storeRegistry } from './store-registry.ts';

const schema = 'aggregator';

export const aggregatorMigrations = [
  deliveryMigrations(schema),
  { schema, folder: new URL('../migrations/', import.meta.url) },
];

export const aggregatorService = defineService<AggregatorConfig>({
  name: 'aggregator',
  config: aggregatorConfig,
  start: startAggregator,
});

async function startAggregator(context: ServiceContext<AggregatorConfig>): Promise<void> {
  const { config, log, health, onStop } = context;
  const scopes = await readScopes(config);
  const artifacts = openArtifacts(context);
  const sql = await openPostgres(context, {
    schema,
    settings: byKeySettings,
    migrations: aggregatorMigrations,
  });
  const policies = [...scopes].map(([scope, { digest }]) => `${scope}: ${digest}`).join(', ');
  health.add('policy', () => ({ ok: true, detail: policies }));

  const bus = await openBus(context, undefined, { isMaker: true });
  const stores = await startWithBroker(context, async () => {
    const registry = storeRegistry(sql, await sharedStoreId(bus));
    await agreeOnStore(artifacts, registry, context.signal);
    return registry;
  });
  await watchTopology(bus, context);
  await startWithBroker(context, (part) => announceService(bus, part));

  const dropped = await startWithBroker(context, () => openDroppedAssessments(bus));
  const relay = startOutboxRelay(bus, sql, 'aggregator', context);
  const deps: AggregatorDeps = {
    sql,
    artifacts,
    scopes,
    log,
    tracer: context.tracer,
    published: relay.notify,
    wakeBulk: () => bulk.wake(),
    drop: dropped.add,
    now: () => new Date(),
    stageDeadlineMs: config.STAGE_DEADLINE_SECONDS * 1000,
    attemptsMax: config.ASSESSMENT_ATTEMPTS,
  };
  await activatePolicies(deps);
  const admit = async () => {
    const [isUrgentLeft, isBulkLeft] = [await admitUrgent(deps), await admitBulk(deps, config.BULK_RUNNING)];
    return isUrgentLeft || isBulkLeft;
  };
  const bulk = startBulkPacer(admit, context);
  serveReleasing(bus, log);
  await startConsumers(bus, deps, context);
  serveCommand(bus, approveCommand, (input) => decidePackage('approved', input, deps), log);
  serveCommand(bus, rejectCommand, (input) => decidePackage('rejected', input, deps), log);
  serveCommand(bus, decideManyCommand, (input) => decideMany(input, deps), log);
  serveCommand(bus, cancelCommand, (input) => cancelRequest(input, deps), log);
  serveCommand(bus, cancelBatchCommand, (input) => cancelBatch(input, deps), log);
  serveCommand(bus, knownBatchesCommand, (input) => knownBatches(input, deps), log);
  serveCommand(bus, knownRequestsCommand, (input) => knownRequests(input, deps), log);
  serveCommand(bus, retryCommand, (input) => retryFailed(input, deps), log);
  serveCommand(bus, redriveCommand, (input) => redriveDeadLetters(bus, input, deps), log);
  serveCommand(bus, discardCommand, (input) => discardDeadLetters(bus, input, deps), log);
  serveCommand(bus, changeLaneCommand, (input) => changeLane(input, deps), log);
  serveCommand(bus, controlCommand, (input) => setControl(bus, input, deps), log);
  serveCommand(bus, replayCommand, (input) => replayStage(input, deps), log);
  serveCommand(bus, steerReplayCommand, (input) => steerReplay(input, deps), log);
  serveCommand(bus, listReplaysCommand, (input) => listReplays(input, deps), log);
  serveCommand(bus, createWaiverCommand, (input) => createWaiver(input, deps), log);
  serveCommand(bus, endWaiverCommand, (input) => endWaiver(input, deps), log);
  serveCommand(bus, listWaiversCommand, (input) => listWaivers(input, deps), log);
  serveCommand(bus, listPoliciesCommand, (input) => listPolicies(input, deps), log);
  serveCommand(bus, tryPolicyCommand, (input) => tryPolicy(input, deps), log);
  serveCommand(bus, listStandingsCommand, (input) => listStandings(input, deps), log);
  serveCommand(bus, bulkWindowCommand, () => bulkWindow(deps, config.BULK_RUNNING), log);
  repeatWork(bus, deps, stores, context);
  // Beside the work: merged names are old, and most installations have none.
  const stopping = new AbortController();
  const mending = mendMergedNames(bus, deps, stopping.signal).catch((error: unknown) =>
    log.warn({ err: error }, 'merged names cannot be looked for now'),
  );
  onStop('merged names', async () => {
    stopping.abort();
    await mending;
  });
  // Once it is ready, the broker knows of its commands: another connection may send one at once.
  await bus.nc.flush();
}
