import {
  eventId,
  makeEvent,
  requestCancelled,
  requestLaneChanged,
  requestReopened,
  type EventDefinition,
  type Lane,
} from '@sluice/contracts';
import { toMessage } from '@sluice/messaging';
import type { OutboxMessage } from '@sluice/postgres';

export interface RequestSubject {
  id: string;
  lane: Lane;
  traceparent: string | null;
}

interface ByHand {
  by: string;
  reason: string;
}

function requestFact<Data>(
  definition: EventDefinition<Data>,
  { id, traceparent, lane }: RequestSubject,
  data: Data,
  options: { time: Date; discriminator: string | number },
): OutboxMessage {
  const event = makeEvent(definition, {
    id: eventId(id, definition.type, options.discriminator),
    source: 'aggregator',
    subject: id,
    time: options.time,
    data,
  });
  return toMessage(event, { lane, traceparent: traceparent ?? undefined });
}

/** The time is part of what was said, so that two cancellations by mistake are one event: it can happen once. */
export function cancelledFact(request: RequestSubject, { by, reason }: ByHand, time: Date): OutboxMessage {
  const data = { requestId: request.id, lane: request.lane, by, reason, at: time.toISOString() };
  return requestFact(requestCancelled, request, data, { time, discriminator: 1 });
}

/** Ordinals an event, at most; it stays far below 64 KB. */
const ordinalsPerEvent = 1_000;

export function reopenedFacts(
  request: RequestSubject,
  { by, reason }: ByHand,
  round: number,
  ordinals: number[],
  time: Date,
): OutboxMessage[] {
  const messages: OutboxMessage[] = [];
  for (let start = 0; start < ordinals.length; start += ordinalsPerEvent) {
    const part = ordinals.slice(start, start + ordinalsPerEvent);
    const data = {
      requestId: request.id,
      lane: request.lane,
      by,
      reason,
      at: time.toISOString(),
      round,
      ordinals: part,
    };
    messages.push(requestFact(requestReopened, request, data, { time, discriminator: `${round}/${start}` }));
  }
  return messages;
}

export function laneChangedFact(request: RequestSubject, { by, reason }: ByHand, time: Date): OutboxMessage {
  const data = { requestId: request.id, lane: request.lane, by, reason, at: time.toISOString() };
  return requestFact(requestLaneChanged, request, data, { time, discriminator: time.toISOString() });
}
