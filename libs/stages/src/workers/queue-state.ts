import { lanes, pipeline, type Lane, type StageName } from '@sluice/contracts';
import { consumerState, storedAfter, type Bus } from '@sluice/broker';
import { stageDurable } from '../stage/stage-durable.ts';

/** One queue: what a durable consumer has before it. */
export interface QueueState {
  consumer: string;
  service: string;
  stage: StageName;
  lane: Lane;
  /** Not delivered yet. */
  waiting: number;
  /** Delivered and not settled: in work, or waiting for another try. */
  unsettled: number;
  /** Of the unsettled ones, those that were delivered more than once. */
  redelivered: number;
  /** Age of the oldest message that is not settled, in seconds; null when there is none. */
  oldestAgeSeconds: number | null;
  /** Stream sequence up to which its messages were delivered at least once. */
  deliveredSequence: number;
  /** False when the broker does not know the consumer: no instance of the service has ever started. */
  exists: boolean;
}

/** The state of every stage's queue in each lane, as the broker has it. */
export function readQueues(bus: Bus): Promise<QueueState[]> {
  return Promise.all(
    pipeline.flatMap(({ service, stage, consumes }) =>
      lanes.map((lane) =>
        readQueue(bus, { consumer: stageDurable(service, lane), service, stage, lane }, consumes),
      ),
    ),
  );
}

const empty = {
  waiting: 0,
  unsettled: 0,
  redelivered: 0,
  oldestAgeSeconds: null,
  deliveredSequence: 0,
};

async function readQueue(
  bus: Bus,
  name: Pick<QueueState, 'consumer' | 'service' | 'stage' | 'lane'>,
  consumes: string,
): Promise<QueueState> {
  const info = await consumerState(bus, name.consumer);
  if (!info) {
    return { ...name, ...empty, exists: false };
  }
  const { num_pending: waiting, num_ack_pending: unsettled, num_redelivered: redelivered } = info;
  const subject = `${consumes}.${name.lane}`;
  const oldest =
    waiting + unsettled === 0 ? null : await storedAfter(bus, info.ack_floor.stream_seq, subject);
  return {
    ...name,
    waiting,
    unsettled,
    redelivered,
    oldestAgeSeconds: oldest && Math.max(0, (Date.now() - oldest.getTime()) / 1000),
    deliveredSequence: info.delivered.stream_seq,
    exists: true,
  };
}
