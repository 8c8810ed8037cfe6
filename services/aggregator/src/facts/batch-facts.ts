import {
  batchCancelled,
  batchCompleted,
  batchReopened,
  eventId,
  makeEvent,
  type EventDefinition,
  type Lane,
} from '@sluice/contracts';
import { toMessage, type OutboxMessage } from '@sluice/delivery';
import type { OutcomeCounts } from './request-facts.ts';

export interface BatchSubject {
  id: string;
  lane: Lane;
  scope: string;
  traceparent: string | null;
  /** Counts how often the batch was opened, from 1: it completes once in each round. */
  round: number;
}

function batchFact<Data>(
  definition: EventDefinition<Data>,
  { id: batchId, lane, scope, traceparent, round }: BatchSubject,
  rest: Omit<Data, 'batchId' | 'lane' | 'scope'>,
  time: Date,
): OutboxMessage {
  const event = makeEvent(definition, {
    id: eventId(batchId, definition.type, round),
    source: 'aggregator',
    subject: batchId,
    time,
    data: { batchId, lane, scope, ...rest } as Data,
  });
  return toMessage(event, { lane, traceparent: traceparent ?? undefined });
}

/** @param failure why it failed as a whole, when that is how it ended. */
export function batchCompletedFact(
  batch: BatchSubject,
  { requestCount, counts }: { requestCount: number; counts: OutcomeCounts },
  time: Date,
  failure?: { code: string; detail: string },
): OutboxMessage {
  const { round } = batch;
  const data = { round, requestCount, counts, completedAt: time.toISOString() };
  return batchFact(batchCompleted, batch, { ...data, ...(failure ? { failure } : {}) }, time);
}

export function batchReopenedFact(batch: BatchSubject, time: Date): OutboxMessage {
  return batchFact(batchReopened, batch, { round: batch.round, at: time.toISOString() }, time);
}

/** It can happen once: a batch that is cancelled begins no other round. */
export function batchCancelledFact(
  batch: BatchSubject,
  { by, reason }: { by: string; reason: string },
  time: Date,
): OutboxMessage {
  return batchFact(batchCancelled, { ...batch, round: 1 }, { by, reason, at: time.toISOString() }, time);
}
