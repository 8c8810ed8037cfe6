import { DeliverPolicy, type ConsumerMessages } from '@nats-io/jetstream';
import type { Bus } from '../connection/connection.ts';

/** Messages on their way to a reader. */
const prefetch = 1_000;

/** Messages of a stream in their order, and the way to give the reading up. */
export interface StreamReading {
  messages: ConsumerMessages;
  /** Ends the iteration; the broker forgets the reader. */
  close(): Promise<void>;
}

/**
 * Reads a stream from a sequence on, without acknowledging anything.
 * @throws when the stream is gone or the broker is away; the iteration throws when the reader is gone, see `isConsumerGone`.
 */
export async function readStream(bus: Bus, stream: string, fromSequence: number): Promise<StreamReading> {
  const consumer = await bus.js.consumers.get(stream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: fromSequence,
  });
  const messages = await consumer.consume({
    max_messages: prefetch,
    idle_heartbeat: 5_000,
    abort_on_missing_resource: true,
  });
  return {
    messages,
    async close() {
      messages.stop();
      await consumer.delete().catch(() => {});
    },
  };
}
