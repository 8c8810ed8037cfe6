import type { SluiceEvent } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { testPostgres } from '@sluice/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logged, submission, testArtifacts } from '../../test/projection-kit.ts';
import { Story, act, action, disturbed } from '../../test/request-story.ts';
import { applyBatch, readCheckpoint } from '../apply.ts';
import { projectorMigrations, readSchema } from '../schema.ts';

const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
const artifacts = await testArtifacts();
const deps = { sql, artifacts, log: createLogger('test', 'silent') };
await sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`;

async function apply(events: SluiceEvent[]): Promise<void> {
  const from = await readCheckpoint(sql);
  await applyBatch(deps, logged(events, from.sequence + 1), from);
}

interface Shown {
  round: number;
  itemCount: number;
  endedItems: number;
  counts: Record<string, number>;
  completed: boolean;
  cancelled: boolean;
}
async function shown(id: string): Promise<Shown> {
  const [row] = await sql<Shown[]>`
    select round, item_count as "itemCount", ended_items as "endedItems", counts, completed_at is not null as completed,
      cancelled_at is not null as cancelled
    from requests where id = ${id}`;
  return row!;
}
/** The share that the API shows. */
const progressOf = ({ completed, endedItems, itemCount }: Shown) => (completed ? 1 : endedItems / itemCount);

const story = fc.record({
  itemCount: fc.integer({ min: 1, max: 6 }),
  actions: fc.array(action, { maxLength: 12 }),
  /** Events that are told a second time: which, and how much later. */
  repeats: fc.array(fc.tuple(fc.nat(30), fc.nat(10)), { maxLength: 4 }),
  /** Neighbours that come in the other order, as two relays may publish them. */
  swaps: fc.array(fc.nat(30), { maxLength: 4 }),
  batches: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 30, maxLength: 30 }),
});

it('progress never goes back within a round and ends at all, through retries, cancellation and repeated facts', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ itemCount, actions, repeats, swaps, batches }) => {
      const names = Array.from({ length: itemCount }, (_, index) => `p${index}`);
      const submitted = await submission(artifacts, names);
      const told = new Story(submitted, itemCount);
      for (const step of actions) act(told, step);
      told.endAll('approve');
      const events = disturbed(told.events, repeats, swaps);
      let last = { round: 0, progress: 0 };
      for (const size of batches) {
        const batch = events.splice(0, size);
        if (batch.length === 0) break;
        await apply(batch);
        const now = await shown(submitted.subject);
        const progress = progressOf(now);
        expect(now.round).toBeGreaterThanOrEqual(last.round);
        if (now.round === last.round) expect(progress).toBeGreaterThanOrEqual(last.progress);
        expect(now.endedItems).toBeLessThanOrEqual(itemCount);
        last = { round: now.round, progress };
      }
      const { completed, endedItems, counts } = await shown(submitted.subject);
      const positive = Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
      expect({ completed, endedItems, counts: positive }).toEqual({
        completed: true,
        endedItems: itemCount,
        counts: told.counts,
      });
    }),
    { numRuns: 60 },
  );
});

it('a request that is tried again is open, in another round, and its progress is that of all its items', async () => {
  const submitted = await submission(artifacts, ['a', 'b', 'c', 'd']);
  const told = new Story(submitted, 4);
  told.end([0, 1, 2], 'approve');
  told.end([3], 'failed');
  await apply(told.events);
  expect(await shown(submitted.subject)).toMatchObject({ round: 1, completed: true, endedItems: 4 });
  const before = told.events.length;
  told.retry();
  await apply(told.events.slice(before));
  const reopened = await shown(submitted.subject);
  expect(reopened).toMatchObject({ round: 2, completed: false, counts: { approve: 3, failed: 0 } });
  expect(progressOf(reopened)).toBe(0.75);
});
