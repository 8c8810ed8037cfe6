import { publishRaw, deadLettersStream, type StoredMsg, type Bus } from '@sluice/broker';

/** A message that could not be processed, as lists show it. */
export interface DeadLetterSummary {
  /** Its place in the DEAD_LETTERS stream, by which it is known. */
  sequence: number;
  /** `dlq`: processing failed. `parked`: it is of a newer version than the service that got it. */
  kind: 'dlq' | 'parked';
  service: string;
  consumer: string;
  /** Subject that the message came on. */
  subject: string;
  eventId: string;
  code: string;
  error: string;
  worker: string;
  deliveries: number;
  attempts: number;
  failedAt: string;
}

export interface DeadLetter extends DeadLetterSummary {
  stack: string;
  headers: Record<string, string>;
  payload: string;
}

export interface DeadLetterFilter {
  kind?: 'dlq' | 'parked' | undefined;
  service?: string | undefined;
  code?: string | undefined;
  /** Only letters after this sequence. */
  after?: number | undefined;
  limit: number;
}

/** Messages looked at for one list, at most: a filter that fits nothing must not read a whole stream. */
const lookedAtMax = 2_000;

/** Dead letters, oldest first. */
export async function listDeadLetters(bus: Bus, filter: DeadLetterFilter): Promise<DeadLetterSummary[]> {
  const found: DeadLetterSummary[] = [];
  let looked = 0;
  for await (const letter of eachDeadLetter(bus, filter)) {
    const { payload: _payload, headers: _headers, stack: _stack, ...summary } = letter;
    if (filter.code === undefined || summary.code === filter.code) found.push(summary);
    looked += 1;
    if (found.length === filter.limit || looked === lookedAtMax) break;
  }
  return found;
}

/** Every dead letter of a kind and service, whole, oldest first. */
export async function* eachDeadLetter(
  bus: Bus,
  { kind, service, after }: Pick<DeadLetterFilter, 'kind' | 'service' | 'after'>,
): AsyncGenerator<DeadLetter> {
  const subject = `${kind ?? '*'}.${service ?? '*'}`;
  for (let sequence = (after ?? 0) + 1; ;) {
    const message = await bus.jsm.direct.getMessage(deadLettersStream, {
      seq: sequence,
      next_by_subj: subject,
    });
    if (!message) return;
    yield toDeadLetter(message);
    sequence = message.seq + 1;
  }
}

/** A dead letter whole, or null when there is none of this sequence (any more). */
export async function readDeadLetter(bus: Bus, sequence: number): Promise<DeadLetter | null> {
  const message = await bus.jsm.direct.getMessage(deadLettersStream, { seq: sequence });
  return message ? toDeadLetter(message) : null;
}

/**
 * Publishes a dead letter's message again where it came from, and then removes the dead letter. The message id is a
 * new one, made of the dead letter: the broker would take the old one for a duplicate, and a repeated redrive for the
 * same one. Consumers know the event by its own id.
 */
export async function republishDeadLetter(bus: Bus, letter: DeadLetter): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(letter.headers).filter(([name]) => !name.startsWith('sluice-')),
  );
  await publishRaw(bus, {
    eventId: `${letter.eventId}/redrive/${letter.sequence}`,
    subject: letter.subject,
    payload: letter.payload,
    headers,
  });
  await removeDeadLetter(bus, letter.sequence);
}

/** Removes a dead letter; no error if it is gone already. */
export async function removeDeadLetter(bus: Bus, sequence: number): Promise<void> {
  try {
    await bus.jsm.streams.deleteMessage(deadLettersStream, sequence, false);
  } catch (error) {
    // The broker has one code for all that can go wrong here.
    if (await readDeadLetter(bus, sequence)) throw error;
  }
}

/** How many dead letters there are, by kind. */
export async function countDeadLetters(bus: Bus): Promise<Record<'dlq' | 'parked', number>> {
  const { state } = await bus.jsm.streams.info(deadLettersStream, { subjects_filter: '>' });
  const counts = { dlq: 0, parked: 0 };
  for (const [subject, count] of Object.entries(state.subjects ?? {})) {
    counts[subject.startsWith('parked.') ? 'parked' : 'dlq'] += count;
  }
  return counts;
}

function toDeadLetter(message: StoredMsg): DeadLetter {
  const headers: Record<string, string> = {};
  for (const [name, values] of message.header) if (!name.startsWith('Nats-')) headers[name] = values[0] ?? '';
  const of = (name: string) => headers[`sluice-${name}`] ?? '';
  const [kind = 'dlq', service = ''] = message.subject.split('.');
  return {
    sequence: message.seq,
    kind: kind === 'parked' ? 'parked' : 'dlq',
    service,
    consumer: of('consumer'),
    subject: of('subject'),
    eventId: of('event-id'),
    code: of('error-code'),
    error: of('error'),
    stack: of('error-stack'),
    worker: of('worker'),
    deliveries: Number(of('deliveries')),
    attempts: Number(of('attempts')),
    failedAt: of('failed-at'),
    headers,
    payload: message.string(),
  };
}
