import { createLogger } from '@sluice/runtime';
import type { SluiceEvent } from '@sluice/contracts';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { beforeAll, expect, it } from 'vitest';
import { logged, submission, testArtifacts } from '../../test/projection-kit.ts';
import { applyBatch, readCheckpoint } from '../apply.ts';
import { projectorMigrations, readSchema } from '../schema.ts';

const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
// The list is in a store that the projector has from the start, or gets later.
const [before, later] = [await testArtifacts(), await testArtifacts()];
let artifacts = before;
beforeAll(() => sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`);

async function apply(events: SluiceEvent[]): Promise<void> {
  const from = await readCheckpoint(sql);
  await applyBatch(
    { sql, artifacts, log: createLogger('test', 'silent') },
    logged(events, from.sequence + 1),
    from,
  );
}

const failure = { code: 'request.list-unreadable', detail: 'It is gone.' };
const about = (submitted: SluiceEvent) => ({ requestId: submitted.subject, lane: 'bulk' as const });
const failed = (submitted: SluiceEvent) =>
  exampleEvent('request.completed', { ...about(submitted), round: 1, counts: { failed: 2 }, failure });

async function shown(submitted: SluiceEvent) {
  const [row] = await sql`
    select failure ->> 'code' as code, ended_items as ended, counts, completed_at is not null as completed,
      (select coalesce(jsonb_agg(outcome order by ordinal), '[]') from request_items where request_id = r.id) as items
    from requests r where id = ${submitted.subject}`;
  return row;
}
const hasEnded = { code: failure.code, ended: 2, counts: { failed: 2 }, completed: true };

it.each([
  ['that is not there', later, []],
  ['that only the aggregator could not read', before, ['failed', 'failed']],
])('a request that failed over a list %s ends whole, and begins again whole', async (_, store, items) => {
  artifacts = before;
  const submitted = await submission(store, ['a', 'b']);
  await apply([submitted, failed(submitted)]);
  expect(await shown(submitted)).toEqual({ ...hasEnded, items });
  // Its redriven event comes again in the stream; it is open only once the aggregator took it in.
  artifacts = later;
  await submission(later, ['a', 'b']);
  await apply([submitted]);
  expect(await shown(submitted)).toEqual({ ...hasEnded, items: ['failed', 'failed'] });
  await apply([exampleEvent('request.reopened', { ...about(submitted), round: 2, ordinals: [0, 1] })]);
  expect(await shown(submitted)).toMatchObject({
    code: null,
    ended: 0,
    completed: false,
    items: [null, null],
  });
  await apply([
    exampleEvent('request.progressed', {
      ...about(submitted),
      round: 2,
      items: [0, 1].map((ordinal) => ({
        ordinal,
        outcome: 'approve',
        assessmentId: null,
        reasons: [],
        at: submitted.time,
      })),
    }),
    exampleEvent('request.completed', { ...about(submitted), round: 2, counts: { approve: 2 } }),
  ]);
  expect(await shown(submitted)).toMatchObject({
    code: null,
    ended: 2,
    counts: { approve: 2, failed: 0 },
    completed: true,
    items: ['approve', 'approve'],
  });
});

it('a list that cannot be read does not hold up later events', async () => {
  artifacts = before;
  const { digest: listDigest } = await before.put(Buffer.from('no list'));
  const submitted = exampleEvent('request.submitted', { requestId: crypto.randomUUID(), listDigest });
  await apply([submitted]);
  expect(await shown(submitted)).toMatchObject({ completed: false, items: [] });
});
