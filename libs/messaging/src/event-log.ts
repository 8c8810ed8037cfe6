import { type ConsumerMessages, DeliverPolicy } from '@nats-io/jetstream';
import type { Bus } from './connection.ts';
import { eventsStream, isConsumerGone } from './topology.ts';

/** A message of the event stream as it is stored. */
export interface LoggedMessage {
  sequence: number;
  /** When the broker stored it. */
  storedAt: Date;
  subject: string;
  traceparent: string | null;
  payload: string;
}

/** Messages in flight to a reader; with 64 KB events at most, this bounds its memory too. */
const prefetch = 1_000;

/**
 * Reads the event stream in its one total order, from a sequence on, until the signal aborts. Batches are as large
 * as the reader's pace makes them. Reading survives reconnects and restarts of the broker; nothing is acknowledged, the
 * reader keeps its place.
 * @throws when the stream is gone or the broker stays away, or whatever `onBatch` throws.
 */
export async function readEventLog(
  bus: Bus,
  options: { fromSequence: number; batchMax: number; signal: AbortSignal },
  onBatch: (batch: LoggedMessage[]) => Promise<void>,
): Promise<void> {
  let next = options.fromSequence;
  while (!options.signal.aborted) {
    try {
      await readOnce(bus, { ...options, fromSequence: next }, async (batch) => {
        await onBatch(batch);
        next = batch.at(-1)!.sequence + 1;
      });
    } catch (error) {
      // A broker that was restarted has forgotten who reads: it is told anew, where the reader stands.
      if (!isConsumerGone(error)) throw error;
    }
  }
}

async function readOnce(
  bus: Bus,
  options: { fromSequence: number; batchMax: number; signal: AbortSignal },
  onBatch: (batch: LoggedMessage[]) => Promise<void>,
): Promise<void> {
  const { fromSequence, batchMax, signal } = options;
  const consumer = await bus.js.consumers.get(eventsStream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: fromSequence,
  });
  const messages = await consumer.consume({
    max_messages: prefetch,
    idle_heartbeat: 5_000,
    abort_on_missing_resource: true,
  });
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const waiting = new WaitingMessages();
  const reading = collect(messages, waiting);
  // It may fail while a batch is in work; that is heard of afterwards, and must not count as unheard until then.
  reading.catch(() => {});
  try {
    for (let batch = await waiting.take(batchMax); batch.length > 0; batch = await waiting.take(batchMax)) {
      await onBatch(batch);
      if (signal.aborted) return;
    }
    await reading;
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
    waiting.close();
    await reading.catch(() => {});
    await consumer.delete().catch(() => {});
  }
}

/** Moves what arrives to where batches are taken from. The client's own count of what is pending cannot be relied on. */
async function collect(messages: ConsumerMessages, waiting: WaitingMessages): Promise<void> {
  try {
    for await (const message of messages) {
      await waiting.add({
        sequence: message.seq,
        storedAt: new Date(Number(message.timestampNanos / 1_000_000n)),
        subject: message.subject,
        traceparent: message.headers?.get('traceparent') || null,
        payload: message.string(),
      });
    }
  } finally {
    waiting.close();
  }
}

/** Messages between arrival and batch. Whoever adds waits while there are too many, whoever takes while there are none. */
class WaitingMessages {
  #messages: LoggedMessage[] = [];
  #closed = false;
  #wake: (() => void)[] = [];

  async add(message: LoggedMessage): Promise<void> {
    while (this.#messages.length >= prefetch && !this.#closed) await this.#change();
    this.#messages.push(message);
    this.#notify();
  }

  /** Whatever is there, at most `max`; nothing once it is closed and empty. */
  async take(max: number): Promise<LoggedMessage[]> {
    while (this.#messages.length === 0 && !this.#closed) await this.#change();
    // What else has arrived in this turn of the event loop joins the batch.
    await new Promise((resolve) => setImmediate(resolve));
    const taken = this.#messages.splice(0, max);
    this.#notify();
    return taken;
  }

  close(): void {
    this.#closed = true;
    this.#notify();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
