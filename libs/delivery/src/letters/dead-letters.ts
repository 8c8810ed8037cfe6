import { publishRaw, type JsMsg, type StoredMsg, type MsgHdrs, type Bus } from '@sluice/broker';
import { errorCodeOf, uuidV5 } from '@sluice/contracts';

/** Why and where a message ended, as headers beside its untouched body. */
export interface DeadLetterInfo {
  service: string;
  consumer: string;
  deliveries: number;
  attempts: number;
}

/** A message as its stream keeps it; delivered, or read by its sequence. */
export type DeadMessage = Pick<StoredMsg, 'seq' | 'time' | 'subject' | 'string'> & {
  headers?: MsgHdrs | undefined;
};

/** Header values are one line each; a stack is cut to its first lines. */
const stackMaxChars = 4_000;

/** Keeps a message whole, with its error, and only then ends it at the broker. */
export async function deadLetter(
  bus: Bus,
  message: JsMsg,
  error: unknown,
  info: DeadLetterInfo,
): Promise<void> {
  await keepDeadLetter(bus, message, error, info);
  message.term();
}

/**
 * Keeps a message whole, with its error. A message of a newer major version is parked: nothing is wrong with it, the
 * service is too old.
 */
export async function keepDeadLetter(
  bus: Bus,
  message: DeadMessage,
  error: unknown,
  info: DeadLetterInfo,
): Promise<void> {
  const code = errorCodeOf(error);
  const kind = code === 'message.unknown-version' ? 'parked' : 'dlq';
  const original: Record<string, string> = {};
  for (const [name, values] of message.headers ?? []) {
    // Broker control headers would steer the dead letter itself.
    if (!name.startsWith('Nats-')) original[name] = values[0] ?? '';
  }
  await publishRaw(bus, {
    eventId: uuidV5(`${info.consumer}/${message.seq}/${message.time.toISOString()}/${info.deliveries}`),
    subject: `${kind}.${info.service}`,
    payload: message.string(),
    headers: {
      ...original,
      'sluice-subject': message.subject,
      'sluice-stream-sequence': String(message.seq),
      'sluice-event-id': message.headers?.get('Nats-Msg-Id') ?? '',
      'sluice-consumer': info.consumer,
      'sluice-worker': bus.instance,
      'sluice-deliveries': String(info.deliveries),
      'sluice-attempts': String(info.attempts),
      'sluice-error-code': code,
      'sluice-error': oneLine(error instanceof Error ? error.message : String(error)),
      'sluice-error-stack': oneLine(error instanceof Error ? (error.stack ?? '') : ''),
      'sluice-failed-at': new Date().toISOString(),
    },
  });
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ⏎ ').slice(0, stackMaxChars);
}
