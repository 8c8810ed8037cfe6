import {
  decodeData,
  decodeEnvelope,
  eventCatalogue,
  type EventData,
  type EventDefinition,
  type EventType,
  type SluiceEvent,
} from '@sluice/contracts';
import type { LoggedMessage } from '@sluice/messaging';
import { traceIdOf } from '@sluice/runtime';

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

/** @throws PoisonError when the message is no event that this version knows. */
export function toProjected(message: LoggedMessage, epoch: number): ProjectedEvent {
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
