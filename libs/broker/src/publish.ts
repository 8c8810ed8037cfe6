import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { SpanKind, context } from '@opentelemetry/api';
import { TransientError } from '@sluice/contracts';
import { traceparentOf, withSpan } from '@sluice/runtime';
import type { Bus } from './connection/connection.ts';
import { endOfTurn } from './connection/end-of-turn.ts';
import type { Confirmation } from './connection/pub-acks.ts';
import { RefusedError } from './connection/refusals.ts';
import { eventsStream } from './streams/stream-configs.ts';

/** A message on its way to the broker. */
export interface OutgoingMessage {
  /** Event id; also the `Nats-Msg-Id`. */
  eventId: string;
  subject: string;
  payload: string;
  headers: Record<string, string>;
}

/**
 * Publishes a message and waits until the broker has stored it.
 * @returns its stream sequence.
 * @throws TransientError `backend.unavailable` when the broker does not confirm; the message may or may not be stored,
 * and publishing it again is safe.
 */
export async function publish(bus: Bus, message: OutgoingMessage): Promise<number> {
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

/** Publishes without a span of its own, under the trace that the message carries. For relays. */
export async function publishRaw(bus: Bus, message: OutgoingMessage, traceparent?: string): Promise<number> {
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
  { subject, payload }: OutgoingMessage,
  headers: Record<string, string>,
  messageId: string,
): Promise<Confirmation> {
  const withId = toHeaders({ ...headers, 'Nats-Msg-Id': messageId });
  return bus.acks.publish(subject, payload, withId);
}

/**
 * The broker remembers the ids of messages that were purged, and confirms a copy of them that it does not store. Dead
 * letters are not looked for: their ids are of one delivery, and only their owner may read them.
 */
async function isStored(bus: Bus, { stream, sequence }: Confirmation): Promise<boolean> {
  if (stream !== eventsStream) return true;
  return (await bus.jsm.direct.getMessage(stream, { seq: sequence })) !== null;
}

export function toHeaders(values: Record<string, string>): MsgHdrs {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  return headers;
}
