import { DeliverPolicy } from '@nats-io/jetstream';
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
  let batch: LoggedMessage[] = [];
  try {
    for await (const message of messages) {
      batch.push({
        sequence: message.seq,
        storedAt: new Date(Number(message.timestampNanos / 1_000_000n)),
        subject: message.subject,
        traceparent: message.headers?.get('traceparent') || null,
        payload: message.string(),
      });
      if (batch.length >= batchMax || messages.getPending() === 0) {
        await onBatch(batch);
        batch = [];
      }
      if (signal.aborted) break;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
    await consumer.delete().catch(() => {});
  }
}
