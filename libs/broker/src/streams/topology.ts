import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  type ConsumerConfig,
  type ConsumerInfo,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { TransientError } from '@sluice/contracts';
import { buckets, openBucket } from '../buckets/bucket.ts';
import type { Bus } from '../connection/connection.ts';
import { readPositions } from './consumer-positions.ts';
import { eventsStream, streamConfigs, widened, type WantedStream } from './stream-configs.ts';

export { deadLettersStream, eventsStream } from './stream-configs.ts';

const jsErrorStreamNotFound = 10059;
const jsErrorConsumerNotFound = 10014;
const jsErrorStreamNameInUse = 10058;
const jsErrorNoStorage = 10047;

/** A stream that may hold less than this is of no use to anybody. */
const maxBytesFloor = 1024 ** 2;

/**
 * A stream's identity is in its description. Its creation time would say the same, but nats-server 2.9 gives a stream
 * that was updated another one at its next start.
 */
const identityPrefix = 'identity ';

/**
 * A stream that was deleted by hand is made anew this much later: nats-server 2.9 is still removing its files then, and
 * would remove the new stream's with them, which then has messages that it cannot give to anybody.
 */
const deletionMs = 1_000;

/**
 * Creates streams and buckets, or widens streams that are there. Safe to run from several makers at once. A client that
 * makes nothing only looks whether they are there.
 * @throws TransientError for such a client while they are not.
 */
export async function ensureTopology(bus: Bus): Promise<void> {
  if (!bus.isMaker) return void (await currentStream(bus));
  for (const name of buckets) await openBucket(bus, name);
  // The streams after them, and the events first: they need the most room.
  for (const wanted of streamConfigs(bus.limits)) {
    const existing = await streamInfo(bus, wanted.name);
    if (existing) await widenStream(bus, existing, wanted);
    else await addStream(bus, wanted);
  }
}

/** @returns false when the broker has the stream's oldest message in its books, and cannot read it. */
export async function isReadable(bus: Bus, { config, state }: StreamInfo): Promise<boolean> {
  if (state.messages === 0) return true;
  const message = await bus.jsm.streams.getMessage(config.name, { seq: state.first_seq });
  if (message !== null) return true;
  // Removed since, because of its age or by hand.
  const now = await streamInfo(bus, config.name);
  return now?.state.first_seq !== state.first_seq || now.state.messages === 0;
}

/** @returns null when there is no such stream. */
export async function streamInfo(bus: Bus, name: string): Promise<StreamInfo | null> {
  return bus.jsm.streams.info(name).catch((error: unknown) => {
    if (isApiError(error, jsErrorStreamNotFound)) return null;
    throw error;
  });
}

/**
 * Raises settings of a stream that are below the wanted ones; see `widened`. Those that the broker refuses stay.
 * @returns the changed settings.
 */
export async function widenStream(
  bus: Bus,
  { config }: StreamInfo,
  wanted: Partial<WantedStream>,
): Promise<Partial<StreamConfig>> {
  const changes = widened(config, wanted);
  // Each alone: a disk that is too small or a node that is away must not keep the others from being mended.
  const made: Partial<StreamConfig> = {};
  for (const [name, value] of Object.entries(changes)) {
    try {
      await bus.jsm.streams.update(config.name, { ...config, ...made, [name]: value });
      Object.assign(made, { [name]: value });
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) throw error;
    }
  }
  return made;
}

async function addStream(bus: Bus, wanted: WantedStream): Promise<void> {
  try {
    await addWithinStorage(bus, { ...wanted, description: `${identityPrefix}${randomUUID()}` });
  } catch (error) {
    // Another service created it this very moment, under an identity of its own.
    if (!isApiError(error, jsErrorStreamNameInUse)) throw error;
  }
}

/**
 * The broker refuses a limit above its own storage. On a small disk the stream gets a part of that storage, so that the
 * other streams find room too. A full stream behaves the same at any size: facts wait in outboxes.
 */
async function addWithinStorage(bus: Bus, config: WantedStream): Promise<void> {
  const wanted = config.max_bytes;
  for (let fits = wanted; ; fits = Math.floor(fits / 2)) {
    try {
      await bus.jsm.streams.add({ ...config, max_bytes: fits });
      if (fits < wanted)
        await bus.jsm.streams.update(config.name, { ...config, max_bytes: Math.floor(fits / 2) });
      return;
    } catch (error) {
      if (!isApiError(error, jsErrorNoStorage) || fits / 4 < maxBytesFloor) throw error;
    }
  }
}

export interface ConsumerSpec {
  durable: string;
  filterSubject: string;
  ackWaitMs: number;
  maxAckPending: number;
  /** First stream sequence to deliver when the consumer has to be created; by default the one after the last settled message. */
  startSequence?: number;
}

/**
 * The broker gives no message up: it would do so in silence, and deliveries that an outage cost must not end anything.
 * The library counts attempts and ends messages that have used them up.
 */
const unlimitedDeliveries = -1;

/** Creates the durable pull consumer, or brings it up to date, and returns its state. */
export async function ensureConsumer(bus: Bus, spec: ConsumerSpec): Promise<ConsumerInfo> {
  const mutable = {
    ack_wait: nanos(spec.ackWaitMs),
    max_deliver: unlimitedDeliveries,
    max_ack_pending: spec.maxAckPending,
    filter_subject: spec.filterSubject,
  };
  try {
    return await bus.jsm.consumers.update(eventsStream, spec.durable, mutable);
  } catch (error) {
    if (!isApiError(error, jsErrorConsumerNotFound)) throw error;
  }
  const startSequence = spec.startSequence ?? (await settledBefore(bus, spec.durable)) + 1;
  const start: Partial<ConsumerConfig> =
    startSequence > 1
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: startSequence }
      : { deliver_policy: DeliverPolicy.All };
  return bus.jsm.consumers.add(eventsStream, {
    durable_name: spec.durable,
    ack_policy: AckPolicy.Explicit,
    ...start,
    ...mutable,
  });
}

/** Deletes durable consumers of an earlier version: no service would settle their messages. */
export async function retireConsumers(bus: Bus, durables: string[]): Promise<void> {
  for (const durable of durables) {
    await bus.jsm.consumers.delete(eventsStream, durable).catch((error: unknown) => {
      if (!isApiError(error, jsErrorConsumerNotFound)) throw error;
    });
  }
}

/** Last settled sequence noted for a consumer; 0 for one that is new to this stream. */
async function settledBefore(bus: Bus, durable: string): Promise<number> {
  return (await readPositions(bus, await streamIdentity(bus)))[durable] ?? 0;
}

/** The event stream as a reader needs to know it: a stream that was recreated has another identity. */
export async function streamIdentity(
  bus: Bus,
): Promise<{ identity: string; lastSequence: number; firstSequence: number }> {
  const { config, created, state } = await bus.jsm.streams.info(eventsStream);
  const identity = config.description?.startsWith(identityPrefix)
    ? config.description.slice(identityPrefix.length)
    : created;
  return { identity, lastSequence: state.last_seq, firstSequence: state.first_seq };
}

/**
 * Like `streamIdentity`, of a stream that is made anew when the broker came back without it.
 * @throws TransientError for a client that makes no streams, until another one has.
 */
export async function currentStream(bus: Bus): ReturnType<typeof streamIdentity> {
  try {
    return await streamIdentity(bus);
  } catch (error) {
    if (!isApiError(error, jsErrorStreamNotFound)) throw error;
    if (!bus.isMaker)
      throw new TransientError('backend.unavailable', `The broker has no stream ${eventsStream} yet.`, {
        cause: error,
      });
  }
  await delay(deletionMs);
  await ensureTopology(bus);
  return streamIdentity(bus);
}

/** State of a durable consumer, or null when it does not exist. */
export async function consumerState(bus: Bus, durable: string): Promise<ConsumerInfo | null> {
  try {
    return await bus.jsm.consumers.info(eventsStream, durable);
  } catch (error) {
    if (isApiError(error, jsErrorConsumerNotFound) || isApiError(error, jsErrorStreamNotFound)) return null;
    throw error;
  }
}

/** True when a consumer is gone, as one that lives in the broker's memory is after a restart. */
export function isConsumerGone(error: unknown): boolean {
  return isApiError(error, jsErrorConsumerNotFound);
}

/** True when a stream is gone, as it is when the broker lost its data. */
export function isStreamGone(error: unknown): boolean {
  return isApiError(error, jsErrorStreamNotFound);
}

function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}
