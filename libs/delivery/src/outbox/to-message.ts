import { context } from '@opentelemetry/api';
import { PermanentError, eventSizeMaxBytes, subjectOf, type SluiceEvent } from '@sluice/contracts';
import { traceparentOf } from '@sluice/runtime';
import type { OutgoingMessage } from '@sluice/broker';

/**
 * An event as a message: body, subject, and headers with its id and trace.
 * @param traceparent the trace that it belongs to, when that is not the active one.
 * @throws PermanentError `internal` when it is larger than an event may be.
 */
export function toMessage(
  event: SluiceEvent,
  options: { lane?: string; traceparent?: string | undefined } = {},
): OutgoingMessage {
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
