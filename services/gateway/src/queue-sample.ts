import type { QueueState } from '@sluice/stages';
import type { Circuit } from './stage-waits.ts';

/** A queue with its work in progress and its rate. */
export interface SampledQueue extends QueueState {
  /** In work, as the instances of the stage say. */
  running: number;
  /** Results a second, over the last minute; null until that can be told. */
  ratePerSecond: number | null;
  /** Until everything that is there has its result at this rate; null when nothing moves. */
  etaSeconds: number | null;
}

export interface QueueSample {
  queues: SampledQueue[];
  deadLetters: { dlq: number; parked: number };
  /** The hosts that stages wait for. */
  circuits: Circuit[];
}
