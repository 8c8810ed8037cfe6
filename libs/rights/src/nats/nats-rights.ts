import { bucketStream, buckets, deadLettersStream, eventsStream } from '@sluice/broker';
import {
  approveCommand,
  archiveProjectCommand,
  bulkWindowCommand,
  cancelBatchCommand,
  cancelCommand,
  changeLaneCommand,
  changeProjectCommand,
  changeWebhookCommand,
  controlCommand,
  createProjectCommand,
  createWebhookCommand,
  createWaiverCommand,
  decideManyCommand,
  discardCommand,
  endWaiverCommand,
  eventCatalogue,
  findDeliveryCommand,
  findProjectCommand,
  findRefreshCommand,
  findWebhookCommand,
  knownBatchesCommand,
  knownRequestsCommand,
  lanes,
  listDeliveriesCommand,
  listPoliciesCommand,
  listProjectsCommand,
  listRefreshesCommand,
  listReplaysCommand,
  listStandingsCommand,
  listWebhooksCommand,
  listWaiversCommand,
  matchAdvisoriesCommand,
  pipeline,
  redeliverCommand,
  redriveCommand,
  refreshProjectCommand,
  rejectCommand,
  removeWebhookCommand,
  renewHookCommand,
  replayCommand,
  replayWebhookCommand,
  retryCommand,
  rotateSecretCommand,
  steerReplayCommand,
  steerWebhookCommand,
  testWebhookCommand,
  tryPolicyCommand,
  type PipelineStage,
  type StageService,
} from '@sluice/contracts';
import { consumerName, queuesOf, releaseParkedCommand, republishCommand } from '@sluice/delivery';
import { stageDurable } from '@sluice/stages';
import {
  answers,
  api,
  asks,
  consumes,
  hasInbox,
  lists,
  publishes,
  reads,
  readsEvents,
  together,
  writes,
  type NatsPermissions,
  type Permission,
} from './permissions.ts';

/** The services, and two who are none: `cli` rebuilds read models, `operator` may do everything. */
export const natsUsers = [
  'gateway',
  'gate',
  'importer',
  'notifier',
  'license',
  'downloader',
  'scanner',
  'aggregator',
  'projector',
  'cli',
  'operator',
] as const;
export type NatsUser = (typeof natsUsers)[number];

const lanelessEvents = new Set([
  'advisories.changed',
  'advisories.imported',
  'audit.recorded',
  'gate.served',
  'project.changed',
]);
const subjectsOf = (type: string) => (lanelessEvents.has(type) ? type : `${type}.*`);

/** Subjects of the events that a service publishes, by the catalogue. */
const eventsOf = (...publishers: string[]): string[] =>
  Object.values(eventCatalogue)
    .filter(({ publisher }) => publisher.split(', ').some((one) => publishers.includes(one)))
    .map(({ type }) => subjectsOf(type));

/** Commands that the gateway sends for people and to look after what it accepted, by who answers them. */
const aggregatorCommands = [
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
  listWaiversCommand,
  redriveCommand,
  rejectCommand,
  replayCommand,
  retryCommand,
  steerReplayCommand,
  tryPolicyCommand,
];

const importerCommands = [
  archiveProjectCommand,
  changeProjectCommand,
  createProjectCommand,
  findProjectCommand,
  findRefreshCommand,
  listProjectsCommand,
  listRefreshesCommand,
  refreshProjectCommand,
  renewHookCommand,
];

const notifierCommands = [
  changeWebhookCommand,
  createWebhookCommand,
  findDeliveryCommand,
  findWebhookCommand,
  listDeliveriesCommand,
  listWebhooksCommand,
  redeliverCommand,
  removeWebhookCommand,
  replayWebhookCommand,
  rotateSecretCommand,
  steerWebhookCommand,
  testWebhookCommand,
];

/** What the services with state consume, by event. */
const aggregatorConsumes = [
  'batch.submitted',
  'batch.opened',
  'request.submitted',
  'pkg.scanned',
  'pkg.failed',
  'pkg.attempt-failed',
  'advisories.imported',
  'advisories.changed',
];
const importerConsumes = [
  'batch.submitted',
  'batch.completed',
  'batch.cancelled',
  'project.refresh-requested',
];

const notifierConsumes = [
  'request.completed',
  'pkg.approved',
  'pkg.rejected',
  'pkg.recalled',
  'project.refreshed',
  'advisories.imported',
];

const definitionOf = (service: string, type: string) => ({
  service,
  consumes: { type },
  laneless: lanelessEvents.has(type),
});
const queuesOfService = (service: string, types: readonly string[]) =>
  types.flatMap((type) => queuesOf(definitionOf(service, type)));
const stageQueues = ({ service, consumes: type }: Pick<PipelineStage, 'service' | 'consumes'>) =>
  lanes.map((lane) => ({ durable: stageDurable(service, lane), filterSubject: `${type}.${lane}` }));

const stageDurables = pipeline.flatMap(stageQueues).map(({ durable }) => durable);
/** The durable consumers of all services. */
export const natsDurables: readonly string[] = [
  ...stageDurables,
  ...queuesOfService('aggregator', aggregatorConsumes).map(({ durable }) => durable),
  ...queuesOfService('importer', importerConsumes).map(({ durable }) => durable),
  ...queuesOfService('notifier', notifierConsumes).map(({ durable }) => durable),
];
/** Consumers of the aggregator's first version, which it deletes. */
const retiredDurables = queuesOfService(
  'aggregator',
  pipeline.slice(0, -1).map(({ emits }) => emits),
).map(({ durable }) => durable);

/** Says that it lives, and finds the event stream. */
const anyService = (user: NatsUser): Permission =>
  together(hasInbox(user), api(`STREAM.INFO.${eventsStream}`), writes('WORKERS', `${user}.*`));

/** The same, and finds the store that the services share. */
const everyService = (user: NatsUser): Permission => together(anyService(user), reads('STORE', 'artifacts'));

/** Counts the attempts of its messages, keeps the dead ones, and asks for parked ones that it understands now. */
const settles = (user: NatsUser, consumers: readonly string[]): Permission =>
  together(
    ...consumers.flatMap((consumer) => [
      reads('ATTEMPTS', `${consumer}.>`),
      writes('ATTEMPTS', `${consumer}.>`),
    ]),
    reads('POSITIONS', 'settled'),
    { publish: [`dlq.${user}`, `parked.${user}`] },
    asks(user, releaseParkedCommand),
  );

const consumesEvents = (user: NatsUser, types: readonly string[]): Permission =>
  together(
    ...queuesOfService(user, types).map(consumes),
    settles(
      user,
      types.map((type) => consumerName(definitionOf(user, type))),
    ),
  );

const runsStage = (stage: PipelineStage): Permission =>
  together(
    ...stageQueues(stage).map(consumes),
    settles(stage.service, [stage.service]),
    publishes(...eventsOf(stage.service, 'any stage')),
    reads('CONTROL', 'controls'),
    lists('DROPPED'),
    { subscribe: ['$KV.DROPPED.*'] },
  );

/** Makes and widens streams and buckets, sees what was lost of them, and owns the dead letters. */
const ownsTopology = (): Permission => {
  const streams = [eventsStream, deadLettersStream, ...buckets.map(bucketStream)];
  return together(
    ...streams.map((stream) =>
      api(
        `STREAM.CREATE.${stream}`,
        `STREAM.UPDATE.${stream}`,
        `STREAM.INFO.${stream}`,
        `STREAM.MSG.GET.${stream}`,
      ),
    ),
    api(
      'INFO',
      'STREAM.LIST',
      `STREAM.MSG.DELETE.${deadLettersStream}`,
      `DIRECT.GET.${deadLettersStream}`,
      `CONSUMER.LIST.${eventsStream}`,
      ...retiredDurables.map((durable) => `CONSUMER.DELETE.${eventsStream}.${durable}`),
      ...stageDurables.map((durable) => `CONSUMER.INFO.${eventsStream}.${durable}`),
    ),
    ...(['CONTROL', 'POSITIONS', 'STORE'] as const).flatMap((bucket) => [
      reads(bucket, '*'),
      writes(bucket, '*'),
    ]),
    writes('DROPPED', '*'),
    readsWorkers(),
  );
};

const readsWorkers = (): Permission => together(lists('WORKERS'), reads('WORKERS', '>'));

function stageRights(): Record<StageService, NatsPermissions> {
  const rights = pipeline.map((stage) => [
    stage.service,
    together(everyService(stage.service), runsStage(stage)),
  ]);
  return Object.fromEntries(rights) as Record<StageService, NatsPermissions>;
}

const stages = stageRights();

/**
 * What each user of the broker may do. The server's configuration is made of it, and a test compares it with what a
 * running installation does.
 */
export const natsRights: Record<NatsUser, NatsPermissions> = {
  ...stages,
  scanner: together(stages.scanner, answers('scanner', matchAdvisoriesCommand, republishCommand('scanner'))),
  gateway: together(
    everyService('gateway'),
    publishes(...eventsOf('gateway')),
    asks('gateway', ...aggregatorCommands, ...importerCommands, ...notifierCommands),
    answers('gateway', republishCommand('gateway')),
    api('INFO', 'STREAM.LIST', `STREAM.INFO.${deadLettersStream}`, `DIRECT.GET.${deadLettersStream}`),
    api(...stageDurables.map((durable) => `CONSUMER.INFO.${eventsStream}.${durable}`)),
    reads('CONTROL', 'controls'),
    reads('KEYS', 'keys'),
    writes('KEYS', 'keys'),
    readsWorkers(),
  ),
  gate: together(
    everyService('gate'),
    publishes(...eventsOf('gate')),
    asks('gate', listStandingsCommand, matchAdvisoriesCommand),
    readsEvents(natsDurables),
    reads('KEYS', 'keys'),
  ),
  importer: together(
    everyService('importer'),
    publishes(...eventsOf('importer')),
    consumesEvents('importer', importerConsumes),
    asks(
      'importer',
      knownBatchesCommand,
      knownRequestsCommand,
      ...['gateway', 'aggregator'].map(republishCommand),
    ),
    answers('importer', ...importerCommands, republishCommand('importer')),
    api(`CONSUMER.LIST.${eventsStream}`),
  ),
  notifier: together(
    anyService('notifier'),
    publishes(...eventsOf('notifier')),
    consumesEvents('notifier', notifierConsumes),
    asks('notifier', ...['aggregator', 'importer', 'scanner'].map(republishCommand)),
    answers('notifier', ...notifierCommands, republishCommand('notifier')),
    api(`CONSUMER.LIST.${eventsStream}`),
  ),
  aggregator: together(
    everyService('aggregator'),
    ownsTopology(),
    // A dead letter goes back to where it came from, whichever event it was.
    publishes(...Object.keys(eventCatalogue).map(subjectsOf)),
    consumesEvents('aggregator', aggregatorConsumes),
    answers(
      'aggregator',
      ...aggregatorCommands,
      listStandingsCommand,
      releaseParkedCommand,
      republishCommand('aggregator'),
    ),
  ),
  projector: together(
    everyService('projector'),
    readsEvents(natsDurables),
    api(`DIRECT.GET.${eventsStream}`),
    asks('projector', ...['gateway', 'importer', 'notifier', 'aggregator'].map(republishCommand)),
  ),
  cli: together(hasInbox('cli'), api(`STREAM.INFO.${eventsStream}`), readsEvents(natsDurables)),
  operator: { publish: ['>'], denyPublish: [], subscribe: ['>'] },
};
