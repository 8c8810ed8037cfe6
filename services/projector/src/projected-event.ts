import {
  decodeData,
  decodeEnvelope,
  eventCatalogue,
  type EventData,
  type EventDefinition,
  type EventType,
  type SluiceEvent,
} from '@sluice/contracts';
import type { LoggedMessage } from '@sluice/delivery';
import { traceIdOf, type Logger } from '@sluice/runtime';
import { Counter } from 'prom-client';

/** An event with its place in the order of everything. */
export interface ProjectedEvent<Data = unknown> {
  position: number;
  sequence: number;
  traceId: string | null;
  event: SluiceEvent<Data>;
}

/**
 * Sequences of one stream stay far below this, and 9,000 recreated streams fit beside each other in a double's 53
 * bits.
 */
const positionsPerEpoch = 1e12;

export function positionOf(epoch: number, sequence: number): number {
  return epoch * positionsPerEpoch + sequence;
}

/** A message of the stream: its event, or null for a sequence that is only counted. */
export interface StreamEntry {
  sequence: number;
  projected: ProjectedEvent | null;
}

const skipped = new Counter({
  name: 'sluice_projector_skipped_total',
  help: 'Messages of the stream that are no event this version knows.',
});

/** Reads a message. One that is no event known to this version is skipped, counted and logged. */
export function toEntry(message: LoggedMessage, epoch: number, log: Logger): StreamEntry {
  try {
    return { sequence: message.sequence, projected: toProjected(message, epoch) };
  } catch (error) {
    // Projection must go on. The consumers of the subject have made a dead letter of it.
    skipped.inc();
    log.warn({ err: error, sequence: message.sequence, subject: message.subject }, 'skipped a message');
    return { sequence: message.sequence, projected: null };
  }
}

/** @throws PoisonError when the message is no event that this version knows. */
function toProjected(message: LoggedMessage, epoch: number): ProjectedEvent {
  const envelope = decodeEnvelope(message.payload);
  const definition = (eventCatalogue as Record<string, EventDefinition>)[envelope.type];
  const event = definition ? decodeData(definition, envelope) : envelope;
  return {
    position: positionOf(epoch, message.sequence),
    sequence: message.sequence,
    traceId: traceIdOf(message.traceparent),
    event,
  };
}

/** The events of one type, in order, with their data typed. */
export function ofType<Type extends EventType>(
  events: ProjectedEvent[],
  type: Type,
): ProjectedEvent<EventData<(typeof eventCatalogue)[Type]>>[] {
  return events.filter(({ event }) => event.type === type) as ProjectedEvent<
    EventData<(typeof eventCatalogue)[Type]>
  >[];
}
