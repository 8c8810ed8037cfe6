import { randomUUID } from 'node:crypto';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type ConsumerConfig,
  type ConsumerInfo,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Bus } from './connection.ts';
import { readPositions } from './consumer-positions.ts';

/** The stream of all facts: one total order for the projector. */
export const eventsStream = 'EVENTS';
/** Messages that could not be processed, and messages of a newer version that wait for an upgrade. */
export const deadLettersStream = 'DEAD_LETTERS';

export interface TopologyLimits {
  /** Oldest event that is kept; rebuilding read models reaches back this far. */
  eventsMaxAgeMs: number;
  eventsMaxBytes: number;
  replicas: number;
}

export const defaultTopologyLimits: TopologyLimits = {
  eventsMaxAgeMs: 90 * 86_400_000,
  eventsMaxBytes: 20 * 1024 ** 3,
  replicas: 1,
};

/** A publisher that crashed comes back, with the same message id, well within this time. */
const duplicateWindowMs = 10 * 60_000;

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

/** Creates the streams, or brings what can be changed up to date. Safe to run from every service at once. */
export async function ensureTopology(
  bus: Bus,
  limits: TopologyLimits = defaultTopologyLimits,
): Promise<void> {
  await ensureStream(bus, {
    name: eventsStream,
    subjects: ['pkg.>', 'request.>', 'project.>', 'advisories.>'],
    max_age: nanos(limits.eventsMaxAgeMs),
    max_bytes: limits.eventsMaxBytes,
    num_replicas: limits.replicas,
  });
  await ensureStream(bus, {
    name: deadLettersStream,
    subjects: ['dlq.>', 'parked.>'],
    // Dead letters wait for a person; only their size is bounded.
    max_age: 0,
    max_bytes: Math.min(limits.eventsMaxBytes, 1024 ** 3),
    num_replicas: limits.replicas,
  });
}

async function ensureStream(bus: Bus, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  const full: Partial<StreamConfig> & { name: string } = {
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    // A full stream refuses new facts, which then wait in an outbox; it never drops old ones that nobody has read.
    discard: DiscardPolicy.New,
    duplicate_window: nanos(duplicateWindowMs),
    allow_direct: true,
    ...config,
  };
  const existing = await bus.jsm.streams.info(config.name).catch((error: unknown) => {
    if (isApiError(error, jsErrorStreamNotFound)) return null;
    throw error;
  });
  if (existing) {
    const update = { ...full, description: existing.config.description ?? '' };
    await bus.jsm.streams.update(config.name, update).catch((error: unknown) => {
      if (!isApiError(error, jsErrorNoStorage)) throw error;
      return bus.jsm.streams.update(config.name, { ...update, max_bytes: existing.config.max_bytes });
    });
    return;
  }
  try {
    await addWithinStorage(bus, { ...full, description: `${identityPrefix}${randomUUID()}` });
  } catch (error) {
    // Another service created it this very moment, under an identity of its own.
    if (!isApiError(error, jsErrorStreamNameInUse)) throw error;
  }
}

/**
 * The broker refuses a limit that is more than it may store, which on a small disk is less than what is wanted: then
 * the stream gets a part of what fits, and the others find room too. Full is full either way, and facts wait in
 * outboxes.
 */
async function addWithinStorage(bus: Bus, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  const wanted = config.max_bytes ?? -1;
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
  /** First stream sequence to deliver when the consumer has to be created; after what is known to be settled if not given. */
  startSequence?: number;
}

/**
 * The broker gives no message up: it would do so in silence, and deliveries that an outage cost must not end anything.
 * The library counts attempts and ends what has used them up.
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

/** What the named consumer had settled when it was last noted; 0 for one that is new to this stream. */
async function settledBefore(bus: Bus, durable: string): Promise<number> {
  const { identity } = await streamIdentity(bus);
  return (await readPositions(bus, identity))[durable] ?? 0;
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

/** Like `streamIdentity`, of a stream that is made anew when the broker came back without it. */
export async function currentStream(bus: Bus): ReturnType<typeof streamIdentity> {
  try {
    return await streamIdentity(bus);
  } catch (error) {
    if (!isApiError(error, jsErrorStreamNotFound)) throw error;
  }
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
