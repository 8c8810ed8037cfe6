import { createLogger } from '@sluice/runtime';
import type { SluiceEvent } from '@sluice/contracts';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logged, submission, testArtifacts } from '../../test/projection-kit.ts';
import { Story, act, action, disturbed } from '../../test/request-story.ts';
import { applyBatch, type Checkpoint } from '../apply.ts';
import { hashTables } from '../table-contents.ts';
import { projectorMigrations, readSchema } from '../schema.ts';

const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
const artifacts = await testArtifacts();
const deps = { sql, artifacts, log: createLogger('test', 'silent') };
const start: Checkpoint = { streamIdentity: 'this', epoch: 1, sequence: 0 };

/** What the tables are after a sequence of events that came in batches of these sizes, and then one by one. */
async function tablesAfter(events: SluiceEvent[], sizes: number[]): Promise<Record<string, string>> {
  await sql`truncate requests, request_items, early_events, packages, package_scopes, package_evidence, timeline, advisory_sets, counts`;
  await sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`;
  const entries = logged(events);
  let from = start;
  for (const size of [...sizes, ...entries.map(() => 1)]) {
    const batch = entries.splice(0, size);
    if (batch.length > 0) from = await applyBatch(deps, batch, from);
  }
  return hashTables(sql, readSchema);
}

const one = fc.record({
  itemCount: fc.integer({ min: 1, max: 4 }),
  /** Whether the store has its list. */
  isListed: fc.boolean(),
  isFailed: fc.boolean(),
  isMoved: fc.boolean(),
  actions: fc.array(action, { maxLength: 6 }),
  repeats: fc.array(fc.tuple(fc.nat(30), fc.nat(10)), { maxLength: 3 }),
  swaps: fc.array(fc.nat(30), { maxLength: 4 }),
});
type One = typeof one extends fc.Arbitrary<infer T> ? T : never;

async function storyOf(request: One): Promise<SluiceEvent[]> {
  const names = Array.from({ length: request.itemCount }, (_, index) => `p${index}`);
  const listed = await submission(artifacts, names);
  const gone = {
    requestId: listed.subject,
    itemCount: request.itemCount,
    listDigest: `sha256:${'9'.repeat(64)}`,
  };
  const told = new Story(
    request.isListed ? listed : exampleEvent('request.submitted', gone),
    request.itemCount,
  );
  if (request.isFailed) told.fail();
  for (const step of request.actions) act(told, step);
  if (request.isMoved) told.changeLane();
  return disturbed(told.events, request.repeats, request.swaps);
}

/** One sequence of several, each in its own order. */
function interleaved(sequences: SluiceEvent[][], picks: number[]): SluiceEvent[] {
  const left = sequences.map((events) => [...events]);
  const mixed = picks.flatMap((pick) => left[pick % left.length]!.splice(0, 1));
  return [...mixed, ...left.flat()];
}

it('the same events about requests give the same rows in any batches', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(one, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }),
      sizes,
      async (requests, picks, batches) => {
        const events = interleaved(await Promise.all(requests.map(storyOf)), picks);
        const each = await tablesAfter(events, []);
        expect(await tablesAfter(events, [events.length])).toEqual(each);
        expect(await tablesAfter(events, batches)).toEqual(each);
      },
    ),
    { numRuns: 12 },
  );
});

it('events that come before the submission of their request count, in one batch or in several', async () => {
  const submitted = await submission(artifacts, ['a', 'b']);
  const told = new Story(submitted, 2);
  told.end([0], 'approve');
  told.end([1], 'failed');
  told.retry();
  told.cancel();
  const [, ...others] = told.events;
  const orders = fc.tuple(fc.nat(others.length), fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 5 }));
  const inOrder = await tablesAfter([submitted, ...others], []);
  await fc.assert(
    fc.asyncProperty(orders, async ([at, sizes]) => {
      const events = [...others.slice(0, at), submitted, ...others.slice(at)];
      const tables = await tablesAfter(events, sizes);
      for (const table of ['request_items', 'early_events', 'counts'])
        expect(tables[table]).toBe(inOrder[table]);
      expect(await sql`select completed_at, cancelled_at, counts, ended_items, round from requests`).toEqual([
        expect.objectContaining({
          ended_items: 2,
          counts: { approve: 1, cancelled: 1, failed: 0 },
          round: 2,
        }),
      ]);
    }),
    { numRuns: 20 },
  );
});

it('an item ends in a round and then in the next, in one batch or in several', async () => {
  const submitted = await submission(artifacts, ['a']);
  const told = new Story(submitted, 1);
  told.end([0], 'failed');
  told.retry();
  told.end([0], 'approve');
  const of = (type: string) => told.events.filter((event) => event.type === type);
  // Ended items come first, as another relay may publish them.
  const events = [
    submitted,
    ...of('request.progressed'),
    ...of('request.completed'),
    ...of('request.reopened'),
  ];
  const each = await tablesAfter(events, []);
  expect(await tablesAfter(events, [events.length])).toEqual(each);
  expect(await sql`select outcome, round from request_items`).toEqual([{ outcome: 'approve', round: 2 }]);
});
