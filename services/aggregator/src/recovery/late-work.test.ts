import { pipeline, stageNames, type Control, type Lane, type StageName } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stageDurable } from '@sluice/stages';
import { findLate, streamState, type BrokerReads, type LateMark, type StreamState } from './late-work.ts';

const fresh: LateMark = { stage: 'license', lateMark: null };
const idle = Infinity;

/** A broker whose consumers stand at these positions; the stream grows by one with each look at its end. */
function stateOf(settled: Partial<Record<StageName | 'aggregator', number | null>>, last = 100): StreamState {
  const at = (name: StageName | 'aggregator') => {
    const position = settled[name];
    return Promise.resolve(position === undefined ? idle : position);
  };
  return {
    lastSequence: () => Promise.resolve(last++),
    settledByStage: (stage) => at(stage),
    settledByAggregator: () => at('aggregator'),
  };
}
const find = (mark: LateMark, state: StreamState, held: Control[] = [], lane: Lane = 'bulk') =>
  findLate({ ...mark, lane }, state, held);

describe('the message of a late assessment', () => {
  it('may wait for a stage that has not settled everything up to the mark', async () => {
    expect(await find(fresh, stateOf({ license: 99 }))).toEqual({ stage: 'license', lateMark: 100 });
    expect(await find({ stage: 'license', lateMark: 50 }, stateOf({ license: 49 }))).toEqual({
      stage: 'license',
      lateMark: 50,
    });
  });

  it('may wait for a later stage, up to what was the end of the stream when the stage before had settled', async () => {
    const mark = { stage: 'license' as const, lateMark: 50 };
    expect(await find(mark, stateOf({ license: 50, download: 99 }))).toEqual({
      stage: 'download',
      lateMark: 100,
    });
    expect(await find(mark, stateOf({ scan: 100 }))).toEqual({ stage: 'scan', lateMark: 101 });
  });

  it('may wait for the aggregator', async () => {
    expect(await find(fresh, stateOf({ aggregator: 102 }))).toEqual({ stage: 'scan', lateMark: 103 });
  });

  it('is lost once all have settled everything, or a consumer is missing', async () => {
    expect(await find(fresh, stateOf({}))).toBeNull();
    expect(await find(fresh, stateOf({ download: null }))).toBeNull();
  });

  it('waits while its stage is paused, also when the consumer is missing meanwhile', async () => {
    const held: Control[] = [
      { kind: 'stage', name: 'download', by: 'ada', reason: 'r', at: '2026-01-01T00:00:00Z' },
    ];
    for (const download of [null, idle]) {
      expect(await find(fresh, stateOf({ download }), held)).toEqual({ stage: 'download', lateMark: 101 });
    }
    expect(await find({ stage: 'scan', lateMark: 3 }, stateOf({}), held)).toBeNull();
  });
});

/**
 * A pipeline with one queue for each stage and one for the aggregator. Each step is random: a stage takes a message,
 * publishes its fact and settles it, or loses it.
 */
class Pipeline {
  end = 0;
  /** Positions of unsettled messages, by who has to take them; `null` marks those of other assessments. */
  readonly queues = [...pipeline, null].map(() => [] as { position: number; own: boolean }[]);
  isLost = false;

  publish(queue: number, own: boolean): void {
    this.queues[queue]!.push({ position: (this.end += 1), own });
  }
  take(queue: number, loses: boolean): void {
    const message = this.queues[queue]!.shift();
    if (!message) return;
    const isLast = queue === pipeline.length;
    if (!loses && !isLast) this.publish(queue + 1, message.own);
    else if (message.own) this.isLost = true;
  }
  get state(): StreamState {
    const settled = (queue: number) => {
      const [oldest] = this.queues[queue]!;
      return Promise.resolve(oldest ? oldest.position - 1 : idle);
    };
    return {
      lastSequence: () => Promise.resolve(this.end),
      settledByStage: (stage) => settled(stageNames.indexOf(stage)),
      settledByAggregator: () => settled(pipeline.length),
    };
  }
}

it('is never called lost while it waits, and is found to be lost once the queues of then are settled', async () => {
  const step = fc.oneof(
    fc.record({ take: fc.nat(pipeline.length), loses: fc.boolean() }),
    fc.record({ publish: fc.nat(pipeline.length) }),
    fc.constant('look' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = new Pipeline();
      world.publish(0, true);
      let mark: LateMark | null = fresh;
      const look = async () => {
        if (mark !== null) mark = await find(mark, world.state);
        if (mark === null) expect(world.isLost).toBe(true);
      };
      for (const one of steps) {
        if (one === 'look') await look();
        else if ('take' in one) world.take(one.take, one.loses);
        else world.publish(one.publish, false);
      }
      // Everything is worked off: the aggregator's end of an assessment counts as lost here, since it is still late.
      for (let queue = 0; queue <= pipeline.length; queue += 1) {
        while (world.queues[queue]!.length > 0) world.take(queue, false);
      }
      await look();
      expect(mark).toBeNull();
    }),
  );
});

it('is never called lost when one look serves several, while work goes on between the reads of the broker', async () => {
  const queueOf = new Map<string, number>([
    ...pipeline.map(({ service }, index) => [stageDurable(service, 'bulk'), index] as const),
    ['aggregator-pkg-scanned-bulk', pipeline.length],
  ]);
  const work = fc.record({ queue: fc.nat(pipeline.length), count: fc.integer({ min: 1, max: 3 }) });
  const starts = fc.array(fc.constantFrom(...stageNames), { minLength: 2, maxLength: 4 });
  const look = fc.record({
    before: fc.array(work, { maxLength: 4 }),
    between: fc.array(work, { maxLength: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(starts, fc.array(look, { maxLength: 4 }), async (stages, looks) => {
      const queues = [...queueOf].map(() => [] as { position: number; owner: number }[]);
      let end = 0;
      const ended = new Set<number>();
      const publish = (queue: number, owner: number) => queues[queue]!.push({ position: (end += 1), owner });
      const doWork = ({ queue, count }: { queue: number; count: number }) => {
        for (const { owner } of queues[queue]!.splice(0, count)) {
          if (queue === pipeline.length) ended.add(owner);
          else publish(queue + 1, owner);
        }
      };
      const marks = stages.map((stage, owner): LateMark => {
        publish(stageNames.indexOf(stage), owner);
        return { stage, lateMark: end };
      });
      for (const { before, between } of looks) {
        before.forEach(doWork);
        const next = () => {
          const one = between.shift();
          if (one) doWork(one);
        };
        const broker: BrokerReads = {
          lastSequence: async () => {
            next();
            return end;
          },
          consumer: async (durable) => {
            next();
            const [oldest] = queues[queueOf.get(durable) ?? -1] ?? [];
            return { isIdle: !oldest, floor: oldest ? oldest.position - 1 : 0 };
          },
        };
        const state = streamState(broker);
        for (const [owner, mark] of marks.entries()) {
          if (ended.has(owner)) continue;
          const found = await find(mark, state);
          if (found === null) expect(ended).toContain(owner);
          else marks[owner] = found;
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
