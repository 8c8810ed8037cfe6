import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { SpanKind, context } from '@opentelemetry/api';
import {
  PermanentError,
  TransientError,
  eventSizeMaxBytes,
  subjectOf,
  type SluiceEvent,
} from '@sluice/contracts';
import { traceparentOf, withSpan } from '@sluice/runtime';
import type { OutboxMessage } from '@sluice/postgres';
import type { Bus } from './connection.ts';
import { endOfTurn } from './end-of-turn.ts';
import type { Confirmation } from './pub-acks.ts';
import { RefusedError } from './refusals.ts';

/** A broker that does not confirm within this time has not stored the message, as far as anybody can rely on it. */
const pubAckTimeoutMs = 5_000;

/**
 * An event as a message: body, subject, and headers with its id and trace.
 * @param traceparent the trace that it belongs to, when that is not the active one.
 * @throws PermanentError `internal` when it is larger than an event may be.
 */
export function toMessage(
  event: SluiceEvent,
  options: { lane?: string; traceparent?: string | undefined } = {},
): OutboxMessage {
  const payload = JSON.stringify(event);
  if (Buffer.byteLength(payload) > eventSizeMaxBytes) {
    throw new PermanentError(
      'internal',
      `${event.type} of ${event.subject} is larger than ${eventSizeMaxBytes} bytes.`,
    );
  }
  const traceparent = options.traceparent ?? traceparentOf(context.active());
  return {
    eventId: event.id,
    subject: subjectOf(event.type, options.lane),
    payload,
    headers: traceparent ? { traceparent } : {},
  };
}

/**
 * Publishes a message and waits until the broker has stored it.
 * @returns its stream sequence.
 * @throws TransientError `backend.unavailable` when the broker does not confirm; the message may or may not be stored,
 * and publishing it again is safe.
 */
export async function publish(bus: Bus, message: OutboxMessage): Promise<number> {
  const attributes = {
    'messaging.system': 'nats',
    'messaging.operation.type': 'send',
    'messaging.destination.name': message.subject,
    'messaging.message.id': message.eventId,
  };
  return withSpan(`publish ${message.subject}`, { kind: SpanKind.PRODUCER, attributes }, () =>
    publishRaw(bus, message, traceparentOf(context.active())),
  );
}

/** Publishes without a span of its own, under the trace that the message carries: what a relay does. */
export async function publishRaw(bus: Bus, message: OutboxMessage, traceparent?: string): Promise<number> {
  try {
    await endOfTurn();
    const headers = { ...message.headers, ...(traceparent ? { traceparent } : {}) };
    const confirmed = await publishAs(bus, message, headers, message.eventId);
    bus.refusals.over(`publish ${message.subject}`);
    if (!confirmed.isDuplicate || (await isStored(bus, confirmed))) return confirmed.sequence;
    // The same id for every copy of it: they are duplicates of each other.
    const again = await publishAs(bus, message, headers, `${message.eventId}/again/${confirmed.sequence}`);
    return again.sequence;
  } catch (cause) {
    if (cause instanceof RefusedError) bus.refusals.note(`publish ${message.subject}`, cause);
    const did = cause instanceof RefusedError ? 'refused' : 'did not confirm';
    throw new TransientError('backend.unavailable', `NATS ${did} a message: ${(cause as Error).message}`, {
      cause,
      host: 'nats',
    });
  }
}

function publishAs(
  bus: Bus,
  { subject, payload }: OutboxMessage,
  headers: Record<string, string>,
  messageId: string,
): Promise<Confirmation> {
  const withId = toHeaders({ ...headers, 'Nats-Msg-Id': messageId });
  return bus.acks.publish(subject, payload, withId, pubAckTimeoutMs);
}

/** The broker remembers the ids of messages that were purged, and confirms a copy of them that it does not store. */
async function isStored(bus: Bus, { stream, sequence }: Confirmation): Promise<boolean> {
  return (await bus.jsm.direct.getMessage(stream, { seq: sequence })) !== null;
}

export function toHeaders(values: Record<string, string>): MsgHdrs {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  return headers;
}
