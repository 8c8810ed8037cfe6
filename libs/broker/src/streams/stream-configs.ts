import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

/** The stream of all facts: one total order for the projector. */
export const eventsStream = 'EVENTS';
/** Messages that could not be processed, and messages of a newer version that wait for an upgrade. */
export const deadLettersStream = 'DEAD_LETTERS';

/** Settings of the broker's streams and buckets. */
export interface TopologyLimits {
  /** Oldest event that is kept; rebuilding read models reaches back this far. */
  eventsMaxAgeMs: number;
  eventsMaxBytes: number;
  /** Copies of each stream and bucket in a cluster, 1 to 5. */
  replicas: number;
  /** Tags that a node must have to keep copies; none for any node. */
  placementTags: readonly string[];
}

export const defaultTopologyLimits: TopologyLimits = {
  eventsMaxAgeMs: 90 * 86_400_000,
  eventsMaxBytes: 20 * 1024 ** 3,
  replicas: 1,
  placementTags: [],
};

export type WantedStream = Pick<
  StreamConfig,
  | 'name'
  | 'subjects'
  | 'retention'
  | 'storage'
  | 'discard'
  | 'max_age'
  | 'max_bytes'
  | 'max_msgs'
  | 'max_msg_size'
  | 'max_msgs_per_subject'
  | 'duplicate_window'
  | 'num_replicas'
  | 'allow_direct'
> &
  Partial<Pick<StreamConfig, 'placement' | 'description'>>;

/** A publisher that crashed comes back, with the same message id, well within this time. */
const duplicateWindowMs = 10 * 60_000;

/** The streams of Sluice, as they are wanted. */
export function streamConfigs(limits: TopologyLimits): WantedStream[] {
  const common = {
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    // A full stream refuses new facts, which then wait in an outbox; it never drops old ones that are unread.
    discard: DiscardPolicy.New,
    max_msgs: -1,
    max_msg_size: -1,
    max_msgs_per_subject: -1,
    duplicate_window: nanos(duplicateWindowMs),
    num_replicas: limits.replicas,
    allow_direct: true,
    ...placementOf(limits),
  };
  return [
    {
      ...common,
      name: eventsStream,
      subjects: ['pkg.>', 'request.>', 'batch.>', 'project.>', 'advisories.>', 'audit.>', 'gate.>'],
      max_age: nanos(limits.eventsMaxAgeMs),
      max_bytes: limits.eventsMaxBytes,
    },
    {
      ...common,
      name: deadLettersStream,
      subjects: ['dlq.>', 'parked.>'],
      // Dead letters wait for a person; only their size is bounded.
      max_age: 0,
      max_bytes: Math.min(limits.eventsMaxBytes, 1024 ** 3),
    },
  ];
}

/** Where copies of a stream or bucket may be; nothing without tags. */
export function placementOf({
  placementTags,
}: Pick<TopologyLimits, 'placementTags'>): Partial<Pick<StreamConfig, 'placement'>> {
  return placementTags.length > 0
    ? { placement: { tags: [...placementTags] } as StreamConfig['placement'] }
    : {};
}

/** Limits for which zero or less means none. */
const limitFields = ['max_age', 'max_bytes', 'max_msgs', 'max_msg_size', 'max_msgs_per_subject'] as const;

/**
 * Settings in which a stream has less than is wanted. An operator may give a stream more by hand: more copies, more room, a longer
 * life, further subjects, another placement. That is never put back. Pure.
 * @param wanted fields that are left out may be anything.
 * @returns the fields to change; empty when the stream has all that is wanted.
 */
export function widened(existing: StreamConfig, wanted: Partial<WantedStream>): Partial<StreamConfig> {
  const changes: Partial<StreamConfig> = {};
  for (const field of limitFields) {
    const limit = wanted[field];
    if (limit !== undefined && reach(existing[field]) < reach(limit)) changes[field] = limit;
  }
  for (const field of ['num_replicas', 'duplicate_window'] as const) {
    const least = wanted[field];
    if (least !== undefined && existing[field] < least) changes[field] = least;
  }
  if (wanted.discard && existing.discard !== wanted.discard) changes.discard = wanted.discard;
  if (wanted.allow_direct && !existing.allow_direct) changes.allow_direct = true;
  const missing = wanted.subjects?.filter((subject) => !existing.subjects.includes(subject)) ?? [];
  if (missing.length > 0) changes.subjects = [...existing.subjects, ...missing];
  if (wanted.placement && !existing.placement) changes.placement = wanted.placement;
  return changes;
}

/** Settings that every bucket of Sluice must have; the rest is the bucket's own. */
export function bucketConfig(limits: TopologyLimits): Partial<WantedStream> {
  return { num_replicas: limits.replicas, allow_direct: true, ...placementOf(limits) };
}

const reach = (limit: number): number => (limit > 0 ? limit : Infinity);
