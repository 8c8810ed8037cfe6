import { openBus, serveCommand, startWithBroker, type Bus } from '@sluice/broker';
import {
  advisoriesImported,
  changeWebhookCommand,
  createWebhookCommand,
  findDeliveryCommand,
  findWebhookCommand,
  listDeliveriesCommand,
  listWebhooksCommand,
  pkgApproved,
  pkgRecalled,
  pkgRejected,
  projectRefreshed,
  redeliverCommand,
  removeWebhookCommand,
  replayWebhookCommand,
  requestCompleted,
  rotateSecretCommand,
  steerWebhookCommand,
  testWebhookCommand,
  type EventDefinition,
} from '@sluice/contracts';
import {
  askToRepublish,
  deliveryMigrations,
  noticeLostMessages,
  startConsumer,
  startOutboxRelay,
} from '@sluice/delivery';
import { createMailer, createSender } from '@sluice/egress';
import { byKeySettings, openPostgres } from '@sluice/postgres';
import { defineService, repeat, softwareVersion, wayOut, type ServiceContext } from '@sluice/runtime';
import { announceService } from '@sluice/stages';
import { createWebhook } from './commands/create-webhook.ts';
import { changeWebhook, removeWebhook, rotateSecret, steerWebhook } from './commands/change-webhook.ts';
import { findDelivery, findWebhook, listDeliveries, listWebhooks } from './commands/questions.ts';
import { redeliver, replayWebhook, testWebhook } from './commands/send-again.ts';
import { notifierConfig, type NotifierConfig } from './config.ts';
import { Dispatcher } from './deliveries/dispatcher.ts';
import { purgeOld } from './deliveries/purge.ts';
import { reportWebhooks } from './deliveries/report.ts';
import type { NotifierDeps } from './deps.ts';
import { onAdvisoriesImported, tellStale } from './events/advisory-age.ts';
import { onEvents } from './events/record-events.ts';
import { tellDecision, tellRecalled, tellRefreshed, tellRequestCompleted, type Tell } from './events/tell.ts';
import { tellWaiting } from './events/tell-waiting.ts';
import { resealAll } from './secrets/reseal.ts';
import { openSealing, readKeys } from './secrets/sealing.ts';
import { receiverRules } from './webhooks/receiver-rules.ts';

const service = 'notifier';
/** An event is a row or two. */
const limits = { batchMax: 200, attemptsMax: 5, ackWaitMs: 30_000 };
/** Messages are sent right after they were recorded; a wait that has ended is noticed within this time. */
const lookMs = 1_000;
/** Of quarters of an hour and of days, a minute is nothing. */
const digestMs = 60_000;
const purgeMs = 10 * 60_000;
const recoverMs = 15_000;
const reportMs = 5_000;
/** Enough of an answer for people who look for a fault. */
const answerMaxBytes = 4_096;
/** Several webhooks may be at one host, with four messages each. */
const connectionsPerHost = 64;

export const notifierMigrations = [
  deliveryMigrations(service),
  { schema: service, folder: new URL('../migrations/', import.meta.url) },
];

export const notifierService = defineService<NotifierConfig>({
  name: service,
  config: notifierConfig,
  start: startNotifier,
});

async function startNotifier(context: ServiceContext<NotifierConfig>): Promise<void> {
  const { config, log, onStop } = context;
  const sql = await openPostgres(context, {
    schema: service,
    settings: byKeySettings,
    migrations: notifierMigrations,
  });
  const bus = await openBus(context);
  await startWithBroker(context, (part) => announceService(bus, part));
  const relay = startOutboxRelay(bus, sql, service, context);
  const receivers = { ...receiverRules(config.WEBHOOK_HOSTS), ...wayOut(config) };
  const timeoutMs = config.WEBHOOK_TIMEOUT_SECONDS * 1_000;
  const userAgent = `sluice/${softwareVersion}`;
  const sender = createSender({
    ...receivers,
    deadlineMs: timeoutMs,
    answerMaxBytes,
    perHost: connectionsPerHost,
    userAgent,
  });
  onStop('connections of webhooks', () => sender.close());
  const mailer =
    config.SMTP_URL === undefined
      ? null
      : createMailer({ url: config.SMTP_URL, from: config.SMTP_FROM, timeoutMs, ca: config.EGRESS_CA });
  onStop('connections to the mail server', async () => mailer?.close());
  const keys = config.SECRETS_KEY === undefined ? null : readKeys(config.SECRETS_KEY);
  const deps: NotifierDeps = {
    sql,
    log,
    published: relay.notify,
    wake: () => void look().catch(() => {}),
    now: () => new Date(),
    sealing: keys && openSealing(keys),
    sender,
    mailer,
    receivers,
    timeoutMs,
    keepDays: config.NOTIFICATIONS_DAYS,
    chance: Math.random,
  };
  const dispatcher = new Dispatcher(deps);
  const look = () => dispatcher.look();
  if (deps.sealing) await resealKept(deps);
  onStop('deliveries', () => dispatcher.stop());
  await startConsumers(bus, deps, context);
  serveCommands(bus, deps);
  repeat(context, { name: 'sending what is due', everyMs: lookMs, run: look });
  repeat(context, { name: 'telling of reviews that wait', everyMs: digestMs, run: () => tellWaiting(deps) });
  repeat(context, { name: 'telling of stale advisories', everyMs: digestMs, run: () => tellStale(deps) });
  repeat(context, { name: 'removing old events', everyMs: purgeMs, run: () => purgeOld(deps) });
  repeat(context, { name: 'counting webhooks', everyMs: reportMs, run: () => reportWebhooks(deps) });
  repeat(context, {
    name: 'looking for what got lost',
    everyMs: recoverMs,
    firstMs: recoverMs,
    run: () => recoverLost(bus, deps),
  });
  // Once it is ready, the broker knows of its commands: another connection may send one at once.
  await bus.nc.flush();
}

/** A key that is missing is told at each webhook that needs it; the others go on. */
async function resealKept(deps: NotifierDeps): Promise<void> {
  try {
    const count = await resealAll(deps.sql, deps.sealing!);
    if (count > 0) deps.log.info({ webhooks: count }, 'secrets were sealed with the present key');
  } catch (error) {
    deps.log.error({ err: error }, 'secrets could not be sealed with the present key');
  }
}

async function startConsumers(
  bus: Bus,
  deps: NotifierDeps,
  context: ServiceContext<NotifierConfig>,
): Promise<void> {
  const start = <Data>(consumes: EventDefinition<Data>, tell: Tell<Data>): Promise<void> =>
    startWithBroker(context, (part) =>
      startConsumer(bus, { service, consumes, limits }, onEvents(tell, deps), part),
    );
  await start(requestCompleted, tellRequestCompleted);
  await start(pkgApproved, tellDecision);
  await start(pkgRejected, tellDecision);
  await start(pkgRecalled, tellRecalled);
  await start(projectRefreshed, tellRefreshed);
  await startWithBroker(context, (part) =>
    startConsumer(
      bus,
      { service, consumes: advisoriesImported, laneless: true, limits },
      onAdvisoriesImported(deps),
      part,
    ),
  );
}

function serveCommands(bus: Bus, deps: NotifierDeps): void {
  const { log } = deps;
  serveCommand(bus, createWebhookCommand, (input) => createWebhook(input, deps), log);
  serveCommand(bus, changeWebhookCommand, (input) => changeWebhook(input, deps), log);
  serveCommand(bus, removeWebhookCommand, (input) => removeWebhook(input, deps), log);
  serveCommand(bus, steerWebhookCommand, (input) => steerWebhook(input, deps), log);
  serveCommand(bus, rotateSecretCommand, (input) => rotateSecret(input, deps), log);
  serveCommand(bus, testWebhookCommand, (input) => testWebhook(input, deps), log);
  serveCommand(bus, redeliverCommand, (input) => redeliver(input, deps), log);
  serveCommand(bus, replayWebhookCommand, (input) => replayWebhook(input, deps), log);
  serveCommand(bus, findWebhookCommand, (input) => findWebhook(input, deps), log);
  serveCommand(bus, listWebhooksCommand, (input) => listWebhooks(input, deps), log);
  serveCommand(bus, listDeliveriesCommand, (input) => listDeliveries(input, deps), log);
  serveCommand(bus, findDeliveryCommand, (input) => findDelivery(input, deps), log);
}

/** Has events published again that left the stream before they were recorded. @throws TransientError when another service is away. */
async function recoverLost(bus: Bus, { sql, log }: NotifierDeps): Promise<void> {
  await noticeLostMessages(bus, sql, service, async () => {
    const messages = await askToRepublish(bus, ['aggregator', 'importer', 'scanner']);
    log.error(
      { messages },
      'the broker lost messages; what aggregator, importer and scanner published lately is published again',
    );
  });
}
