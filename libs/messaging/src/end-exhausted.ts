import type { StoredMsg } from '@nats-io/jetstream';
import {
  PermanentError,
  decodeData,
  decodeEnvelope,
  eventCatalogue,
  isCoded,
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
import type { Received } from './define-consumer.ts';
import { eventsStream } from './topology.ts';

/** A message that the broker gave up for one consumer. */
export interface Exhausted {
  consumer: string;
  /** Position in the stream of events. */
  sequence: number;
  deliveries: number;
}

/** What consumers with state do when one of their events is given up, by its type; see `ConsumerDefinition.onDead`. */
export type ExhaustedHandlers = Record<string, (received: Received<never>, error: unknown) => Promise<void>>;

/**
 * Ends a message that the broker will not deliver any more. What outages alone exhausted is published again, with
 * nothing counted against it. Everything else becomes a dead letter, after its effect: a stage's package version is
 * failed, and for an event of a consumer with state its handler is asked. Repeating it is harmless.
 * @throws when the broker or the handler's backend is away; to be tried again.
 */
export async function endExhausted(
  bus: Bus,
  exhausted: Exhausted,
  handlers: ExhaustedHandlers,
  log: Logger,
): Promise<void> {
  const owner = ownerOf(exhausted.consumer);
  // Somebody else's consumer, for looking at things by hand: its limits are its own affair.
  if (!owner) return;
  const { consumer, sequence, deliveries } = exhausted;
  const message = await bus.jsm.streams.getMessage(eventsStream, { seq: sequence });
  if (!message) {
    log.error(exhausted, 'a message was given up and is gone from the stream');
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
  const error = new PermanentError(
    'delivery.exhausted',
    `${consumer} was given the message ${deliveries} times and never settled it.`,
  );
  if (event && owner.stage) await failAssessment(bus, owner, event, error);
  if (event && !owner.stage) {
    const traceparent = message.header.get('traceparent') || undefined;
    await handlers[owner.consumes.type]?.({ event: event as never, traceparent, sequence }, error);
  }
  consumerMetrics.deadLetters.inc({ consumer: owner.name, code: error.code });
  const { service } = owner;
  const dead = { ...about(message), headers: message.header };
  await keepDeadLetter(bus, dead, error, { service, consumer, deliveries, attempts: deliveries });
  log.error({ ...exhausted, event: event?.id }, 'a message was given up and is a dead letter now');
}

const about = (message: StoredMsg) => ({
  seq: message.seq,
  time: message.time,
  subject: message.subject,
  string: () => message.string(),
});

interface Owner {
  service: string;
  /** The consumer without its lane: the name that its attempts are kept under. */
  name: string;
  stage: (typeof stageQueues)[number] | null;
  consumes: EventDefinition;
}

/** The service and event that a durable consumer of Sluice is for, or null when it is none of Sluice's. */
function ownerOf(consumer: string): Owner | null {
  const name = consumer.replace(/-(?:interactive|bulk)$/, '');
  const definitions: EventDefinition[] = Object.values(eventCatalogue);
  const stage = stageQueues.find(({ service }) => service === name) ?? null;
  const consumes = definitions.find(({ type }) =>
    stage ? type === stage.consumes : name === `aggregator-${type.replace('.', '-')}`,
  );
  return consumes ? { service: stage?.service ?? 'aggregator', name, stage, consumes } : null;
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
