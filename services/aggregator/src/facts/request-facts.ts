import {
  eventId,
  makeEvent,
  requestCancelled,
  requestCompleted,
  requestLaneChanged,
  requestProgressed,
  requestReopened,
  type EventDefinition,
  type ItemOutcome,
  type Lane,
} from '@sluice/contracts';
import { toMessage, type OutboxMessage } from '@sluice/delivery';
import type { EndedItem } from '../requests/item-outcome.ts';

export interface RequestSubject {
  id: string;
  lane: Lane;
  scope: string;
  traceparent: string | null;
}

export interface RequestRound extends RequestSubject {
  /** Counts how often the request was opened, from 1: an item ends once in each round. */
  round: number;
}

export type OutcomeCounts = Partial<Record<ItemOutcome, number>>;

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

/** Data of a fact about a person's action on a request. */
function byHand({ id: requestId, lane, scope }: RequestSubject, { by, reason }: ByHand, time: Date) {
  return { requestId, lane, scope, by, reason, at: time.toISOString() };
}

/** A cancellation has a constant discriminator: it can happen once, and a second one is the same event. */
export function cancelledFact(request: RequestSubject, hand: ByHand, time: Date): OutboxMessage {
  return requestFact(requestCancelled, request, byHand(request, hand, time), { time, discriminator: 1 });
}

/** Ordinals an event, at most; with purls of some 40 characters it stays below 64 KB. */
const ordinalsPerEvent = 1_000;

/** @param purls of the items, in the order of the ordinals, where they were stored under another name before. */
export function reopenedFacts(
  request: RequestSubject,
  hand: ByHand,
  round: number,
  ordinals: number[],
  time: Date,
  purls?: string[],
): OutboxMessage[] {
  const messages: OutboxMessage[] = [];
  for (let start = 0; start < ordinals.length; start += ordinalsPerEvent) {
    const part = ordinals.slice(start, start + ordinalsPerEvent);
    const data = {
      ...byHand(request, hand, time),
      round,
      ordinals: part,
      ...(purls ? { purls: purls.slice(start, start + ordinalsPerEvent) } : {}),
    };
    messages.push(requestFact(requestReopened, request, data, { time, discriminator: `${round}/${start}` }));
  }
  return messages;
}

export function laneChangedFact(request: RequestSubject, hand: ByHand, time: Date): OutboxMessage {
  return requestFact(requestLaneChanged, request, byHand(request, hand, time), {
    time,
    discriminator: time.toISOString(),
  });
}

/** @param items of one round, as many as fit into an event. */
export function progressedFact(request: RequestRound, items: EndedItem[], time: Date): OutboxMessage {
  const { id: requestId, lane, scope, round } = request;
  const ended = items.map(({ ordinal, outcome, assessmentId, reasons, follows }) => ({
    ordinal,
    outcome,
    assessmentId,
    reasons,
    ...(follows ? { follows } : {}),
    at: time.toISOString(),
  }));
  // The first item tells the event from every other of the round.
  const discriminator = `${round}/${items[0]!.ordinal}`;
  return requestFact(
    requestProgressed,
    request,
    { requestId, lane, scope, round, items: ended },
    { time, discriminator },
  );
}

/** @param failure why the request could not be taken in, when that is how it ended. */
export function completedFact(
  request: RequestRound,
  counts: OutcomeCounts,
  time: Date,
  failure?: { code: string; detail: string },
): OutboxMessage {
  const { id: requestId, lane, scope, round } = request;
  const completedAt = time.toISOString();
  const data = { requestId, lane, scope, round, counts, completedAt, ...(failure ? { failure } : {}) };
  return requestFact(requestCompleted, request, data, { time, discriminator: round });
}
