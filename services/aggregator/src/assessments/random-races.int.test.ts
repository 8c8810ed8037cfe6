import { PermanentError, uuidV7 } from '@sluice/contracts';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { endCancelledBatches } from '../batches/end-cancelled.ts';
import { onBatchOpened } from '../batches/on-batch-opened.ts';
import { cancelBatch } from '../commands/cancel-batch.ts';
import { cancelRequest } from '../commands/cancel-request.ts';
import { changeLane } from '../commands/change-lane.ts';
import { decidePackage } from '../commands/decide.ts';
import { replayStage } from '../commands/replay.ts';
import { retryFailed } from '../commands/retry.ts';
import { onFailed } from './on-failed.ts';
import { aggregatorMigrations } from '../service.ts';
import { wakePackages } from '../packages/wake-packages.ts';
import { admitBulk } from './admit-bulk.ts';
import { bringEvidence, scopesOf, submitItems, testDeps, testItem } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator', { pool: 8 });
const scopes = scopesOf({
  default: 'version: 1\nname: default',
  strict: 'version: 1\nname: strict\nlicense: { review: [MIT] }',
});
const scopeNames = [...scopes.keys()];
const deps = testDeps(sql, { scopes });
const by = { by: 'mira', reason: 'a race' };

/** Repeats a run that failed: its seed is in the message. */
// oxlint-disable-next-line node/no-process-env
const seed = Number(process.env['SLUICE_RACE_SEED'] ?? Date.now() % 1_000_000);
const rounds = 600;
/** Few, so that everything meets. */
const names = ['a', 'b', 'c', 'd', 'e'];

/** Mulberry32. */
function seededRandom(state: number): () => number {
  let next = state;
  return () => {
    next = (next + 0x6d2b79f5) | 0;
    let mixed = Math.imul(next ^ (next >>> 15), 1 | next);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = seededRandom(seed);
const below = (count: number) => Math.floor(random() * count);
const oneOf = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
const someOf = <Item>(items: readonly Item[]): Item[] => {
  const chosen = items.filter(() => random() < 0.6);
  return (chosen.length > 0 ? chosen : [oneOf(items)]).toSorted(() => random() - 0.5);
};
const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;

const requests: string[] = [];
/** Batches, with the number of requests that each gets before it is opened. */
const batches: { id: string; requests: number; isOpened: boolean }[] = [];

/** Some requests are in a batch whose files are still read. */
function batchToFill(): string | null {
  if (random() < 0.4) return null;
  const open = batches.findLast(({ isOpened }) => !isOpened);
  const batch = open ?? { id: uuidV7(), requests: 0, isOpened: false };
  if (!open) batches.push(batch);
  batch.requests += 1;
  return batch.id;
}

async function openBatch(): Promise<void> {
  const batch = batches.findLast(({ isOpened }) => !isOpened);
  if (!batch) return;
  batch.isOpened = true;
  const { id: batchId, requests: requestCount } = batch;
  const event = exampleEvent('batch.opened', { batchId, lane: 'bulk', scope: 'default', requestCount });
  await onBatchOpened(deps)([{ event, traceparent: undefined, sequence: 1 }]);
}
const anyBatch = () => batches.at(-1 - below(Math.min(3, batches.length)))!.id;

async function submit(): Promise<void> {
  const lane = oneOf(['bulk', 'interactive'] as const);
  const scope = oneOf(scopeNames);
  const items = someOf(names).map((name) =>
    // Some are part of another package version, and follow it.
    random() < 0.2 ? testItem(name, { bundledIn: purlOf(oneOf(names)) } as never) : testItem(name),
  );
  requests.push(await submitItems(deps, items, { lane, scope, batchId: batchToFill() }));
}

async function running(): Promise<{ id: string; purl: string; attempt: number }[]> {
  return sql`select id, purl, attempt from assessments where state = 'running' order by random()`;
}

async function evidence(): Promise<void> {
  for (const { id, purl } of (await running()).slice(0, 3)) await bringEvidence(deps, purl, id);
}

async function failures(): Promise<void> {
  const facts = (await running()).slice(0, 3).map(({ id, purl, attempt }) => ({
    event: exampleEvent('pkg.failed', { assessmentId: id, purl, attempt, lane: 'bulk' }) as never,
    traceparent: undefined,
    sequence: 1,
  }));
  await onFailed(deps)(facts);
}

const anyRequest = () => requests.at(-1 - below(Math.min(6, requests.length)))!;
const retryOf = (filter: { requestId?: string; batchId?: string; purl?: string }) =>
  retryFailed({ ...by, requestId: null, purl: null, code: null, stage: null, limit: 100, ...filter }, deps);
const decide = (state: 'approved' | 'rejected') =>
  decidePackage(
    state,
    { ...by, scope: oneOf(scopeNames), purl: purlOf(oneOf(names)), until: null, assessmentId: null },
    deps,
  );
const replay = async () => {
  const filter = { since: null, until: null, ecosystem: null, rulesVersion: null, advisoriesVersion: null };
  await replayStage(
    { ...by, id: crypto.randomUUID(), stage: 'scan', dryRun: false, limit: 3, ...filter },
    deps,
  );
};

const deeds: Record<string, () => Promise<unknown>> = {
  submit,
  evidence,
  failures,
  cancel: () => cancelRequest({ ...by, requestId: anyRequest() }, deps),
  lane: () => changeLane({ ...by, requestId: anyRequest(), lane: oneOf(['bulk', 'interactive']) }, deps),
  'retry a request': () => retryOf({ requestId: anyRequest() }),
  'open a batch': openBatch,
  'cancel a batch': () => cancelBatch({ ...by, batchId: anyBatch() }, deps),
  'end cancelled batches': () => endCancelledBatches(deps),
  'retry a batch': () => retryOf({ batchId: anyBatch() }),
  'retry a package': () => retryOf({ purl: purlOf(oneOf(names)) }),
  'retry everything': () => retryOf({}),
  approve: () => decide('approved'),
  reject: () => decide('rejected'),
  replay,
  admit: () => admitBulk(deps, 3),
  wake: () => wakePackages(deps),
};

async function deadlocks(): Promise<number> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql<{ deadlocks: number }[]>`
    select deadlocks::int from pg_stat_database where datname = current_database()`;
  return row!.deadlocks;
}

it(`${rounds} random pairs of commands and facts meet without a deadlock, and every request adds up (seed ${seed})`, async () => {
  while (batches.length === 0) await submit();
  const faults: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const pair = [oneOf(Object.keys(deeds)), oneOf(Object.keys(deeds))];
    if (round % 3 === 0) await submit();
    const before = await deadlocks();
    await Promise.all(
      pair.map((name) =>
        deeds[name]!().catch((error: Error) => {
          // A command may find a state that does not allow it.
          if (error instanceof PermanentError && error.code !== 'internal') return;
          faults.push(`${pair.join(' and ')}: ${name} ended with ${error.stack}`);
        }),
      ),
    );
    if ((await deadlocks()) > before) faults.push(`${pair.join(' and ')}: a deadlock`);
  }
  expect(faults).toEqual([]);
  const wrong = await sql`
    select r.id, r.state, r.open_items, count(*) filter (where i.outcome is null)::int as open
    from requests r join items i on i.request_id = r.id group by r.id
    having r.open_items <> count(*) filter (where i.outcome is null)
      or (r.state = 'completed') <> (r.state <> 'cancelled' and count(*) filter (where i.outcome is null) = 0)`;
  expect(wrong).toEqual([]);
  await endCancelledBatches(deps);
  const wrongBatches = await sql`
    select b.id, b.state, b.request_count, count(r.id)::int as known, count(r.completed_at)::int as ended
    from batches b left join requests r on r.batch_id = b.id group by b.id
    having (b.completed_at is not null) <> (coalesce(b.request_count, -1) = count(r.completed_at))
      or (b.state = 'completed') <> (b.state <> 'cancelled' and b.completed_at is not null)`;
  expect(wrongBatches).toEqual([]);
  // Each round of a batch was completed and reopened once, in turns.
  const told = await sql<{ id: string; types: string; round: number }[]>`
    select b.id, b.round, string_agg(split_part(o.subject, '.', 2), ' ' order by o.position) as types
    from batches b join outbox o on o.payload::json ->> 'subject' = b.id::text
      and o.subject similar to 'batch.(completed|reopened).%' group by b.id`;
  for (const { types, round } of told)
    expect(`${types} `).toMatch(new RegExp(`^(?:completed reopened ){${round - 1}}(?:completed )?$`));
  expect(told.length).toBeGreaterThan(5);
});
