import {
  lanes,
  nextStage,
  pipelineStage,
  pkgAttemptFailed,
  pkgFailed,
  pkgScanned,
  stageNames,
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
  /** The end of the stream, read after the stage's position in that lane; without a stage, at the first look. */
  lastSequence(after: StageName | null, lane: Lane): Promise<number>;
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
  let mark = lateMark ?? (await stream.lastSequence(null, lane));
  for (let at: StageName | null = stage; at !== null; at = nextStage(at)) {
    const settled = await stream.settledByStage(at, lane);
    if (mayBeHeld(at, settled !== null, held)) return { stage: at, lateMark: mark };
    if (settled === null) return null;
    if (settled < mark) return { stage: at, lateMark: mark };
    mark = await stream.lastSequence(at, lane);
  }
  const settled = await stream.settledByAggregator(lane);
  return settled !== null && settled < mark ? { stage: stageNames.at(-1)!, lateMark: mark } : null;
}

/** Facts by which stages end an assessment, or ask for more time. */
const stageResults = [pkgScanned, pkgFailed, pkgAttemptFailed];

/** Questions to the broker. */
export interface BrokerReads {
  /** The end of the event stream. */
  lastSequence(): Promise<number>;
  /** Whether a consumer has nothing to do, and up to which position it has settled all messages; null: it is missing. */
  consumer(durable: string): Promise<{ isIdle: boolean; floor: number } | null>;
}

/**
 * The state of the stream and its consumers; each is asked once, so it serves one batch of assessments.
 * A message that the broker lost, or gave up because of a limit set by hand, keeps a consumer's floor below it for ever.
 * A consumer that has nothing to do has settled everything, but not beyond the end that the stream had before.
 */
export function streamState(broker: BrokerReads): StreamState {
  const settledBy = once(async (durable: string) => {
    const end = await broker.lastSequence();
    const position = await broker.consumer(durable);
    return position && (position.isIdle ? end : position.floor);
  });
  const endAt = once((_place: string) => broker.lastSequence());
  const settledByAll = async (durables: string[]) => {
    const settled = await Promise.all(durables.map(settledBy));
    return settled.includes(null) ? null : Math.min(...settled.map(Number));
  };
  return {
    lastSequence: (after, lane) => endAt(`${after} ${lane}`),
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

export function brokerReads(bus: Bus): BrokerReads {
  return {
    lastSequence: async () => (await streamIdentity(bus)).lastSequence,
    consumer: async (durable) => {
      const info = await consumerState(bus, durable);
      if (info === null) return null;
      const isIdle = info.num_pending === 0 && info.num_ack_pending === 0;
      return { isIdle, floor: info.ack_floor.stream_seq };
    },
  };
}

/** Asks once for each key. */
function once<Answer>(ask: (key: string) => Promise<Answer>): (key: string) => Promise<Answer> {
  const known = new Map<string, Promise<Answer>>();
  return (key) => {
    let answer = known.get(key);
    if (!answer) known.set(key, (answer = ask(key)));
    return answer;
  };
}

/** An assessment that moved to the fast lane may still be worked on in the slow one. */
const lanesWith = (lane: Lane): readonly Lane[] => (lane === 'interactive' ? lanes : [lane]);
