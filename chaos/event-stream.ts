import type { Bus } from '@sluice/broker';

/** A stored message, read from the broker and not through the code that is under test. */
export interface StoredEvent {
  sequence: number;
  subject: string;
  id: string;
  type: string;
  /** Of the envelope. */
  about: string;
  data: Record<string, unknown>;
  raw: Uint8Array;
}

const fetchMax = 1_000;

/** Everything in a stream, in its order. A message that is no event has an empty id and type. */
export async function readStream(bus: Bus, stream: string): Promise<StoredEvent[]> {
  const { state } = await bus.jsm.streams.info(stream);
  const events: StoredEvent[] = [];
  if (state.messages === 0) return events;
  const consumer = await bus.js.consumers.get(stream);
  for (let last = 0; last < state.last_seq;) {
    const messages = await consumer.fetch({ max_messages: fetchMax, expires: 5_000 });
    for await (const message of messages) {
      last = message.seq;
      events.push({
        sequence: message.seq,
        subject: message.subject,
        raw: message.data,
        ...parse(message.data),
      });
      if (last >= state.last_seq) messages.stop();
    }
  }
  await consumer.delete().catch(() => {});
  return events;
}

function parse(raw: Uint8Array): Pick<StoredEvent, 'id' | 'type' | 'about' | 'data'> {
  try {
    const event = JSON.parse(Buffer.from(raw).toString('utf8')) as Partial<Record<string, string>>;
    const data = event['data'] as unknown as Record<string, unknown> | undefined;
    return {
      id: event['id'] ?? '',
      type: event['type'] ?? '',
      about: event['subject'] ?? '',
      data: data ?? {},
    };
  } catch {
    return { id: '', type: '', about: '', data: {} };
  }
}

/** How many different events of each key there are: a message that is stored twice is still one event. */
export function distinctBy(
  events: StoredEvent[],
  keyOf: (event: StoredEvent) => string,
): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const event of events) {
    const key = keyOf(event);
    ids.set(key, (ids.get(key) ?? new Set()).add(event.id));
  }
  return ids;
}
