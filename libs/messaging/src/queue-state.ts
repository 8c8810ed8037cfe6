import { lanes, type Lane } from '@sluice/contracts';
import type { Bus } from './connection.ts';
import { consumerState, eventsStream } from './topology.ts';

/** One queue: what a durable consumer has before it. */
export interface QueueState {
  consumer: string;
  lane: Lane;
  /** Not delivered yet. */
  waiting: number;
  /** Delivered and not settled: in work, or waiting for another try. */
  unsettled: number;
  /** Of the unsettled ones, those that were delivered more than once. */
  redelivered: number;
  /** Age of the oldest message that is not settled, in seconds; null when there is none. */
  oldestAgeSeconds: number | null;
  /** Deliveries since the consumer was created: the difference between two looks gives the rate. */
  delivered: number;
  /** False when the broker does not know the consumer: no instance of the service has ever started. */
  exists: boolean;
}

/** The stages' queues: service and the type of what it consumes. */
export const stageQueues = [
  { service: 'license', consumes: 'pkg.requested' },
  { service: 'downloader', consumes: 'pkg.licensed' },
  { service: 'scanner', consumes: 'pkg.downloaded' },
] as const;

/** The state of every stage's queue in each lane, as the broker has it. */
export function readQueues(bus: Bus): Promise<QueueState[]> {
  return Promise.all(
    stageQueues.flatMap(({ service, consumes }) =>
      lanes.map((lane) => readQueue(bus, `${service}-${lane}`, lane, consumes)),
    ),
  );
}

async function readQueue(bus: Bus, consumer: string, lane: Lane, consumes: string): Promise<QueueState> {
  const info = await consumerState(bus, consumer);
  if (!info) {
    return {
      consumer,
      lane,
      waiting: 0,
      unsettled: 0,
      redelivered: 0,
      oldestAgeSeconds: null,
      delivered: 0,
      exists: false,
    };
  }
  const { num_pending: waiting, num_ack_pending: unsettled, num_redelivered: redelivered } = info;
  const oldest =
    waiting + unsettled === 0
      ? null
      : await bus.jsm.direct.getMessage(eventsStream, {
          seq: info.ack_floor.stream_seq + 1,
          next_by_subj: `${consumes}.${lane}`,
        });
  return {
    consumer,
    lane,
    waiting,
    unsettled,
    redelivered,
    oldestAgeSeconds: oldest ? Math.max(0, (Date.now() - oldest.time.getTime()) / 1000) : null,
    delivered: info.delivered.consumer_seq,
    exists: true,
  };
}

/** How full the streams are, as shares of their limits. */
export async function streamFill(bus: Bus): Promise<{ stream: string; bytes: number; maxBytes: number }[]> {
  const fill = [];
  for await (const { config, state } of bus.jsm.streams.list()) {
    fill.push({ stream: config.name, bytes: state.bytes, maxBytes: config.max_bytes });
  }
  return fill;
}
