import {
  lanes,
  nextStage,
  pipelineStage,
  pkgAttemptFailed,
  pkgFailed,
  pkgScanned,
  type Control,
  type Lane,
  type StageName,
} from '@sluice/contracts';
import { consumerState, streamIdentity, type Bus } from '@sluice/broker';
import { queuesOf } from '@sluice/delivery';
import { stageDurable } from '@sluice/stages';
import { mayBeHeld } from './controls.ts';

/** Where the message of a late assessment is looked for. */
export interface LateMark {
  stage: StageName;
  /** The message is not behind this position of the stream; null when it has not been looked for. */
  lateMark: number | null;
}

/** The broker's state as the search needs it. Consumers have settled all their messages up to a position; null: one is missing. */
export interface StreamState {
  lastSequence(): Promise<number>;
  settledByStage(stage: StageName, lane: Lane): Promise<number | null>;
  settledByAggregator(lane: Lane): Promise<number | null>;
}

/**
 * Looks for the message of a late assessment, whose request for work was published. Pure but for reading the state.
 * A stage publishes its fact before it settles the message that it had. So once a stage has settled all messages up to a
 * mark behind which its message is not, its fact is in the stream, and the stream's end is the mark for the next stage.
 * @returns where to look another time, since a queue or a stage may still have the message; null when it is lost.
 */
export async function findLate(
  { stage, lateMark, lane }: LateMark & { lane: Lane },
  stream: StreamState,
  held: Control[],
): Promise<LateMark | null> {
  let mark = lateMark ?? (await stream.lastSequence());
  let last = stage;
  for (let at: StageName | null = stage; at !== null; at = nextStage(at)) {
    last = at;
    const settled = await stream.settledByStage(at, lane);
    if (mayBeHeld(at, settled !== null, held)) return { stage: at, lateMark: mark };
    if (settled === null) return null;
    if (settled < mark) return { stage: at, lateMark: mark };
    // Read after the position of the stage.
    mark = await stream.lastSequence();
  }
  const settled = await stream.settledByAggregator(lane);
  return settled !== null && settled < mark ? { stage: last, lateMark: mark } : null;
}

/** Facts by which stages end an assessment, or ask for more time. */
const stageResults = [pkgScanned, pkgFailed, pkgAttemptFailed];

/** The state of the broker's stream and consumers. Each consumer is asked once. */
export function brokerState(bus: Bus): StreamState {
  const known = new Map<string, Promise<number | null>>();
  const settledBy = (durable: string) => {
    let settled = known.get(durable);
    if (!settled) known.set(durable, (settled = settledUpTo(bus, durable)));
    return settled;
  };
  const settledByAll = async (durables: string[]) => {
    const settled = await Promise.all(durables.map(settledBy));
    return settled.includes(null) ? null : Math.min(...settled.map(Number));
  };
  return {
    lastSequence: async () => (await streamIdentity(bus)).lastSequence,
    settledByStage: (stage, lane) =>
      settledByAll(lanesWith(lane).map((one) => stageDurable(pipelineStage(stage).service, one))),
    settledByAggregator: (lane) =>
      settledByAll(
        stageResults
          .flatMap((consumes) => queuesOf({ service: 'aggregator', consumes }))
          .filter((queue) => lanesWith(lane).includes(queue.lane))
          .map(({ durable }) => durable),
      ),
  };
}

/** An assessment that moved to the fast lane may still be worked on in the slow one. */
const lanesWith = (lane: Lane): readonly Lane[] => (lane === 'interactive' ? lanes : [lane]);

/**
 * A message that the broker lost, or gave up because of a limit set by hand, keeps the floor below it for ever. When
 * nothing waits and nothing is in work, everything is settled.
 */
async function settledUpTo(bus: Bus, durable: string): Promise<number | null> {
  const info = await consumerState(bus, durable);
  if (info === null) return null;
  const isIdle = info.num_pending === 0 && info.num_ack_pending === 0;
  return isIdle ? Infinity : info.ack_floor.stream_seq;
}
