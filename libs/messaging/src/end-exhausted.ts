import type { StoredMsg } from '@nats-io/jetstream';
import {
  PermanentError,
  decodeData,
  decodeEnvelope,
  eventCatalogue,
  isCoded,
  lanes,
  pkgFailed,
  type EventDefinition,
  type SluiceEvent,
} from '@sluice/contracts';
import type { Logger } from '@sluice/runtime';
import { openAttemptLedger } from './attempt-ledger.ts';
import type { Bus } from './connection.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import { keepDeadLetter } from './dead-letters.ts';
import type { AssessmentEventData } from './define-stage.ts';
import { publish, publishRaw } from './publish.ts';
import { stageQueues } from './queue-state.ts';
import { stageFact } from './stage-facts.ts';
import { consumerName, queuesOf, stageDurable } from './consumer-names.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { eventsStream } from './topology.ts';

/** A message that the broker gave up for one consumer. */
export interface Exhausted {
  consumer: string;
  /** Position in the stream of events. */
  sequence: number;
  deliveries: number;
}

/**
 * Ends a message that the broker will not deliver any more. What outages alone exhausted is published again, with
 * nothing counted against it. Everything else becomes a dead letter, after its effect: a stage's package version is
 * failed, and for an event of a consumer with state its `onDead` is asked. A message of a consumer that no definition
 * names is kept as well: an error in a name must not lose anything. Repeating it is harmless.
 * @throws when the broker or the handler's backend is away; to be tried again.
 */
export async function endExhausted(
  bus: Bus,
  exhausted: Exhausted,
  definitions: readonly ConsumerDefinition<never>[],
  log: Logger,
): Promise<void> {
  const { consumer, sequence, deliveries } = exhausted;
  const message = await bus.jsm.streams.getMessage(eventsStream, { seq: sequence });
  if (!message) {
    log.error(exhausted, 'a message was given up and is gone from the stream');
    return;
  }
  const owner = ownerOf(consumer, definitions);
  if (!owner) {
    await keep(bus, message, { ...exhausted, owner: unknownOwner }, endOf(exhausted));
    log.error(exhausted, 'a message of a consumer that is not known was given up and is a dead letter now');
    return;
  }
  const event = decode(owner.consumes, message);
  const ledger = await openAttemptLedger(bus, owner.name);
  // Deliveries that cost no attempt, such as those of an outage, are most of them.
  if (event && (await ledger.excused(event.id)) * 2 >= deliveries) {
    await deliverAgain(bus, message, event);
    await ledger.excuse(event.id, 0);
    log.warn(exhausted, 'what an outage exhausted is delivered again');
    return;
  }
  const error = endOf(exhausted);
  if (event && owner.stage) await failAssessment(bus, owner, event, error);
  if (event && owner.definition?.onDead) {
    const traceparent = message.header.get('traceparent') || undefined;
    await owner.definition.onDead({ event: event as never, traceparent, sequence }, error);
  }
  await keep(bus, message, { ...exhausted, owner }, error);
  log.error({ ...exhausted, event: event?.id }, 'a message was given up and is a dead letter now');
}

const endOf = ({ consumer, deliveries }: Exhausted): PermanentError =>
  new PermanentError(
    'delivery.exhausted',
    `${consumer} was given the message ${deliveries} times and never settled it.`,
  );

async function keep(
  bus: Bus,
  message: StoredMsg,
  { owner, consumer, deliveries }: Exhausted & { owner: Pick<Owner, 'service' | 'name'> },
  error: PermanentError,
): Promise<void> {
  consumerMetrics.deadLetters.inc({ consumer: owner.name, code: error.code });
  const dead = { ...about(message), headers: message.header };
  const { service } = owner;
  await keepDeadLetter(bus, dead, error, { service, consumer, deliveries, attempts: deliveries });
}

const about = (message: StoredMsg) => ({
  seq: message.seq,
  time: message.time,
  subject: message.subject,
  string: () => message.string(),
});

interface Owner {
  service: string;
  /** The name that its attempts are kept under. */
  name: string;
  stage: (typeof stageQueues)[number] | null;
  consumes: EventDefinition;
  /** Of a consumer with state; null for a stage. */
  definition: ConsumerDefinition<never> | null;
}

/** Metrics and subjects have one name for all of them: a foreign consumer's may be any text. */
const unknownOwner = { service: 'unknown', name: 'unknown' };

/** The service and event that a durable consumer is for, or null when no definition has it. */
function ownerOf(durable: string, definitions: readonly ConsumerDefinition<never>[]): Owner | null {
  const stage = stageQueues.find(({ service }) =>
    lanes.some((lane) => stageDurable(service, lane) === durable),
  );
  if (stage) {
    const { service, consumes } = stage;
    return { service, name: service, stage, consumes: eventCatalogue[consumes], definition: null };
  }
  for (const definition of definitions) {
    const queue = queuesOf(definition).find((each) => each.durable === durable);
    if (!queue) continue;
    const { service } = definition;
    return { service, name: consumerName(definition), stage: null, consumes: queue.consumes, definition };
  }
  return null;
}

/** @returns null for what is no such event; it is kept all the same. */
function decode(consumes: EventDefinition, message: StoredMsg): SluiceEvent | null {
  try {
    return decodeData(consumes, decodeEnvelope(message.data));
  } catch (error) {
    if (isCoded(error)) return null;
    throw error;
  }
}

/** Under a message id of its own: the broker would take it for a duplicate. The event's own id stays. */
async function deliverAgain(bus: Bus, message: StoredMsg, event: SluiceEvent): Promise<void> {
  const headers: Record<string, string> = {};
  for (const [name, values] of message.header) if (!name.startsWith('Nats-')) headers[name] = values[0] ?? '';
  const eventId = `${event.id}/again/${message.seq}`;
  await publishRaw(bus, { eventId, subject: message.subject, payload: message.string(), headers });
}

async function failAssessment(
  bus: Bus,
  { stage, service }: Owner,
  event: SluiceEvent,
  error: PermanentError,
): Promise<void> {
  const name = stage!.stage;
  consumerMetrics.failures.inc({ consumer: service, code: error.code });
  const consumed = event.data as AssessmentEventData;
  const failure = {
    stage: name,
    code: error.code,
    detail: error.message,
    failedAt: new Date().toISOString(),
  };
  await publish(
    bus,
    stageFact(pkgFailed, {
      stage: { name, service },
      consumed,
      fields: failure,
      scope: name,
      discriminator: `${consumed.attempt}/${error.code}`,
    }),
  );
}
