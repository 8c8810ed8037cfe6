import type { Lane, StageName } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';

/** A stage's queue in one lane, as far as it was handed out. */
export interface QueueFront {
  stage: StageName;
  lane: Lane;
  /** Sequence in the stream up to which the stage was given its messages. */
  deliveredSequence: number;
}

/** A package version that waits for a stage. */
export interface Waiting {
  purl: string;
  stage: StageName;
  lane: Lane;
  /** Position of the event that set the stage to work. */
  stagePosition: number;
  /** It was tried before, and so handed out, even if the read models lag behind. */
  wasTried: boolean;
}

/** See the projector's `positionOf`: an epoch and a sequence in one number. */
const positionsPerEpoch = 1e12;

/**
 * How many package versions are before each in its stage's queue, itself counted: 1 is the next to be handed out, 0 was
 * handed out already and is in work or waits for another try. An estimate: the read models follow the broker by
 * moments, and a package version requested in both lanes is counted in the one that it is shown in.
 * Reads the running assessments once for all places.
 */
export async function queuePositions(
  read: Sql,
  fronts: QueueFront[],
  waiting: Waiting[],
): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  if (waiting.length === 0 || fronts.length === 0) return places;
  const [checkpoint] = await read<{ epoch: number }[]>`select epoch from checkpoint`;
  const queues = fronts.flatMap(({ stage, lane, deliveredSequence }) => {
    const after = checkpoint!.epoch * positionsPerEpoch + deliveredSequence;
    const here = waiting.filter((one) => one.stage === stage && one.lane === lane);
    for (const { purl } of here) places.set(purl, 0);
    const ahead = here
      .filter(({ stagePosition, wasTried }) => stagePosition > after && !wasTried)
      .toSorted((a, b) => a.stagePosition - b.stagePosition);
    return ahead.length === 0
      ? []
      : [{ stage, lane, after, ahead, positions: ahead.map((one) => one.stagePosition) }];
  });
  if (queues.length === 0) return places;
  const rows = await countBetween(read, queues);
  for (const { stage, lane, ahead } of queues) {
    const counts = new Map(
      rows
        .filter((row) => row.stage === stage && row.lane === lane)
        .map(({ bucket, count }) => [bucket, count]),
    );
    let before = 0;
    for (const [index, { purl }] of ahead.entries()) {
      before += counts.get(index) ?? 0;
      places.set(purl, before + 1);
    }
  }
  return places;
}

/** How much of each queue is before its first place, between that and the second, and so on. */
function countBetween(
  read: Sql,
  queues: { stage: StageName; lane: Lane; after: number; positions: number[] }[],
): Promise<{ stage: string; lane: string; bucket: number; count: number }[]> {
  const asked = queues.map(({ stage, lane, after, positions }) => ({ stage, lane, after, positions }));
  return read<{ stage: string; lane: string; bucket: number; count: number }[]>`
    with queues as materialized (
      select stage, lane, "after", array(select jsonb_array_elements_text(positions)::bigint) as positions
      from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) as q (
        stage text, lane text, "after" bigint, positions jsonb)
    )
    select q.stage, q.lane, width_bucket(p.stage_position, q.positions) as bucket, count(*)::int as count
    from packages p join queues q on q.stage = p.stage and q.lane = p.lane
    where p.state = 'running' and p.stage_position > q."after"
    group by 1, 2, 3`;
}
