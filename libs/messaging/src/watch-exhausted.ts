import {
  AckPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { ServiceContext } from '@sluice/runtime';
import { z } from 'zod';
import type { Bus } from './connection.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { endExhausted, type Exhausted } from './end-exhausted.ts';
import { eventsStream, isStreamGone } from './topology.ts';

/**
 * Where the broker itself writes down which messages it gave up. It says so only once, to whoever listens; a stream
 * listens also while no service runs.
 */
export const exhaustedStream = 'EXHAUSTED';
const advisories = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${eventsStream}.*`;
const durable = 'exhausted';
/** Some 15,000 advisories; there should never be one. */
const maxBytes = 4 * 1024 ** 2;

const expiresMs = 20_000;
const retryMs = 5_000;

const advisorySchema = z.object({
  consumer: z.string(),
  stream_seq: z.number().int().positive(),
  deliveries: z.number().int().positive(),
});

/**
 * Ends what the broker will not deliver any more: messages that no service ever settled, because it dies or hangs with
 * them before its own count of attempts begins. Several replicas share the work. See `endExhausted` for what becomes
 * of a message. It never fails to start: a broker that is away, or has no room, is tried again.
 * @param definitions the consumers with state whose messages may be given up; the stages are known.
 */
export function watchExhausted(
  bus: Bus,
  definitions: readonly ConsumerDefinition<never>[],
  service: Pick<ServiceContext<unknown>, 'log' | 'onStop'>,
): void {
  const { log } = service;
  let stopped = false;
  let open: ConsumerMessages | undefined;
  let wake = () => {};

  const settle = async (message: JsMsg) => {
    try {
      const exhausted = readAdvisory(message);
      if (exhausted) await endExhausted(bus, exhausted, definitions, log);
      message.ack();
    } catch (error) {
      log.warn({ err: error }, 'a message that the broker gave up cannot be ended yet');
      message.nak(retryMs);
    }
  };
  const run = async () => {
    while (!stopped) {
      try {
        await ensureExhaustedStream(bus);
        const consumer = await bus.js.consumers.get(exhaustedStream, durable);
        open = await consumer.fetch({ max_messages: 10, expires: expiresMs });
        if (stopped) open.stop();
        for await (const message of open) await settle(message);
      } catch (error) {
        if (stopped) return;
        log.warn({ err: error }, 'what the broker gave up cannot be looked at now');
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, retryMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  };
  const running = run();
  service.onStop('exhausted messages', async () => {
    stopped = true;
    open?.stop();
    wake();
    await running;
  });
}

async function ensureExhaustedStream(bus: Bus): Promise<void> {
  try {
    await bus.jsm.streams.info(exhaustedStream);
  } catch (error) {
    if (!isStreamGone(error)) throw error;
    await bus.jsm.streams.add({
      name: exhaustedStream,
      subjects: [advisories],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
      // The broker does not try again: of too many, the newest say most.
      discard: DiscardPolicy.Old,
      max_bytes: maxBytes,
    });
  }
  await bus.jsm.consumers.add(exhaustedStream, {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(60_000),
  });
}

/** @returns null for what is no advisory as this version knows them. */
function readAdvisory(message: JsMsg): Exhausted | null {
  const { success, data } = advisorySchema.safeParse(JSON.parse(message.string()));
  return success ? { consumer: data.consumer, sequence: data.stream_seq, deliveries: data.deliveries } : null;
}
