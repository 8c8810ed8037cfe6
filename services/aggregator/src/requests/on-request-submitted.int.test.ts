import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import { decodeEnvelope, uuidV7, type Lane } from '@sluice/contracts';
import type { Received } from '@sluice/delivery';
import { cleanEvidence, exampleEvent, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { giveUpRequest } from './give-up-request.ts';
import { onEvidence } from '../assessments/on-evidence.ts';
import { onRequestSubmitted } from './on-request-submitted.ts';
import type { Submitted } from './take-in-requests.ts';
import { aggregatorMigrations } from '../service.ts';
import { admitAll, testDeps } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-submitted-'));
const artifacts = fileArtifactStore(folder);
const deps = testDeps(sql, { artifacts });
const handle = onRequestSubmitted(deps);

beforeEach(async () => {
  await sql`truncate requests, items, packages, assessments, decisions, outbox, outbox_waiting, inbox cascade`;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;

interface Listing {
  lane?: Lane;
  /** Names of packages; one with a blank in it cannot be assessed. */
  names?: string[];
  bundledIn?: string;
}

function listOf({ names = [], bundledIn }: Listing): Buffer {
  const items = names.map((name) => ({
    purl: name.includes(' ') ? null : purlOf(name),
    name,
    version: '1.0.0',
    pins: [],
    paths: [name],
    pathCount: 1,
    dev: false,
    optional: false,
    bundled: false,
    direct: true,
    unassessable: name.includes(' ') ? { code: 'source.git', message: 'git' } : null,
    notes: [],
    bundledIn,
  }));
  return Buffer.from(JSON.stringify({ format: 'test', projectName: null, entryCount: items.length, items }));
}

/** A request as it comes; its list is in the store unless it is to be missing. */
async function submitted(listing: Listing, missing = false): Promise<Received<Submitted>> {
  const store = missing ? fileArtifactStore(path.join(folder, 'elsewhere')) : artifacts;
  const { digest } = await store.put(listOf(listing));
  const event = exampleEvent('request.submitted', {
    requestId: uuidV7(),
    lane: listing.lane ?? 'bulk',
    itemCount: listing.names?.length ?? 0,
    listDigest: digest,
  });
  return { event, traceparent: undefined, sequence: 1 };
}
const all = (...listings: Listing[]) => Promise.all(listings.map((listing) => submitted(listing)));
const idOf = ({ event }: Received<Submitted>) => event.data.requestId;

async function stateOf(received: Received<Submitted>) {
  const [row] = await sql`
    select state, round, open_items as open, counts,
      (select count(*)::int from items where request_id = r.id) as items
    from requests r where id = ${idOf(received)}`;
  return row;
}

/** Everything in the outbox, as type and what it is about. Requests for work that come together are in no order. */
async function published(): Promise<string[]> {
  const rows = await sql<{ payload: string }[]>`select payload from outbox order by position`;
  return rows.map(({ payload }) => {
    const { type, subject, data } = decodeEnvelope(payload);
    return `${type} ${subject} ${(data as { lane: Lane }).lane}`;
  });
}

const inFlight = () => sql<{ id: string; purl: string; lane: Lane; state: string }[]>`
  select id, purl, lane, state from assessments where state in ('waiting', 'running') order by purl`;

/** Begins everything, and brings all evidence for it, in one batch. */
async function assessEverything(): Promise<void> {
  await admitAll(deps);
  const facts = (await inFlight()).map(({ id: assessmentId, purl, lane }) =>
    exampleEvent('pkg.scanned', { assessmentId, purl, lane, attempt: 1, evidence: cleanEvidence() }),
  );
  await onEvidence(deps)(facts.map((event) => ({ event, traceparent: undefined, sequence: 1 })));
}

it('requests that share a package version are taken in together and wait for one assessment', async () => {
  const batch = await all({ names: ['a', 'b'] }, { names: ['b', 'c'] }, { names: ['b', 'b'] });
  // One of them stands twice in the batch, and all of it comes again.
  await handle([...batch, batch[0]!]);
  await handle(batch);
  expect(await published()).toEqual([]);
  await admitAll(deps);
  expect((await published()).toSorted()).toEqual(
    ['a', 'b', 'c'].map((name) => `pkg.requested ${purlOf(name)} bulk`),
  );
  for (const request of batch) expect(await stateOf(request)).toMatchObject({ open: 2, items: 2 });

  await assessEverything();
  for (const request of batch) {
    expect(await stateOf(request)).toMatchObject({ state: 'completed', open: 0, counts: { approve: 2 } });
  }
  const ends = (await published()).filter((line) => line.startsWith('request.'));
  const byId = batch.map(idOf).toSorted();
  expect(ends).toEqual(
    byId.flatMap((id) => [`request.progressed ${id} bulk`, `request.completed ${id} bulk`]),
  );
});

it('a request larger than what is taken in at a time ends, also when all of it is known', async () => {
  // The last in the list are looked up first.
  const names = Array.from({ length: 4_500 }, (_, index) => `p${9_999 - index}`);
  const [first] = await all({ names });
  await handle([first!]);
  expect(await inFlight()).toHaveLength(names.length);
  await assessEverything();
  const [again] = await all({ names });
  await handle([again!]);
  for (const request of [first!, again!]) {
    expect(await stateOf(request)).toMatchObject({ state: 'completed', open: 0, counts: { approve: 4_500 } });
  }
});

it('what both lanes want is asked for once, in the fast lane', async () => {
  await handle(
    await all({ names: ['a', 'both'] }, { names: ['both', 'c'], lane: 'interactive' }, { names: ['both'] }),
  );
  await admitAll(deps);
  expect((await published()).toSorted()).toEqual([
    `pkg.requested ${purlOf('a')} bulk`,
    `pkg.requested ${purlOf('both')} interactive`,
    `pkg.requested ${purlOf('c')} interactive`,
  ]);
  // What runs in the slow lane is asked for again, and only for those who wait.
  await handle(await all({ names: ['a', 'c'] }, { names: ['a', 'c'], lane: 'interactive' }));
  expect((await published()).slice(3)).toEqual([`pkg.requested ${purlOf('a')} interactive`]);
  expect(await inFlight()).toHaveLength(3);
});

it('a list that cannot be read holds up no other request, and fails the batch', async () => {
  const [first, last] = await all({ names: ['a'] }, { names: ['b'] });
  const unreadable = await submitted({ names: ['gone'] }, true);
  const batch = [first!, unreadable, last!];
  await expect(handle(batch)).rejects.toMatchObject({ code: 'request.list-unreadable' });
  expect(await Promise.all(batch.map(stateOf))).toMatchObject([{ open: 1 }, undefined, { open: 1 }]);
  // As it is settled then, one by one.
  await handle([first!]);
  await expect(handle([unreadable])).rejects.toMatchObject({ code: 'request.list-unreadable' });
  await handle([last!]);
  expect(await inFlight()).toHaveLength(2);
});

it('a request that was given up is opened again among others', async () => {
  const back = await submitted({ names: ['a', 'a git', 'b'] });
  await giveUpRequest(deps)(back, new Error('gone'));
  const [other] = await all({ names: ['b'] });
  await handle([other!, back]);
  expect(await stateOf(back)).toMatchObject({
    state: 'open',
    round: 2,
    open: 2,
    counts: { unassessable: 1 },
    items: 3,
  });
  expect(await stateOf(other!)).toMatchObject({ state: 'open', round: 1, open: 1 });
  const [, ...facts] = await published();
  expect(facts).toEqual([`request.reopened ${idOf(back)} bulk`, `request.progressed ${idOf(back)} bulk`]);
  expect((await inFlight()).map(({ purl }) => purl)).toEqual(['a', 'b'].map(purlOf));
});

it('what is fresh, cannot be assessed or is empty ends at once, each in its own request', async () => {
  await handle(await all({ names: ['fresh'] }));
  await assessEverything();
  const batch = await all(
    { names: ['fresh', 'new'] },
    { names: ['a git', 'fresh', 'another git'] },
    {},
    { names: ['only git'] },
  );
  await handle(batch);
  expect(await Promise.all(batch.map(stateOf))).toEqual([
    { state: 'open', round: 1, open: 1, counts: { approve: 1 }, items: 2 },
    { state: 'completed', round: 1, open: 0, counts: { approve: 1, unassessable: 2 }, items: 3 },
    { state: 'completed', round: 1, open: 0, counts: {}, items: 0 },
    { state: 'completed', round: 1, open: 0, counts: { unassessable: 1 }, items: 1 },
  ]);
  expect((await inFlight()).map(({ purl }) => purl)).toEqual([purlOf('new')]);
});

it('shares transactions up to a size', async () => {
  const many = Array.from({ length: 1_500 }, (_, index) => `p${index}`);
  const batch = await all({ names: ['a'] }, { names: many }, { names: many }, { names: ['b'] });
  await handle(batch);
  const rows = await sql<{ id: string; transaction: string }[]>`
    select id, xmin::text as transaction from requests`;
  const transactionOf = new Map(rows.map(({ id, transaction }) => [id, transaction]));
  const transactions = batch.map((request) => transactionOf.get(idOf(request)));
  expect(transactions[0]).toBe(transactions[1]);
  expect(transactions[2]).toBe(transactions[3]);
  expect(new Set(transactions).size).toBe(2);
});

it('leaves nothing behind when something of it cannot be saved', async () => {
  const [good, bad] = await all({ names: ['a'] }, { names: ['b'], bundledIn: 'no text of Postgres: \0' });
  await expect(handle([good!, bad!])).rejects.toMatchObject({ code: '22021' });
  const [left] = await sql`
    select (select count(*) from requests) + (select count(*) from packages) + (select count(*) from inbox)
      + (select count(*) from assessments) + (select count(*) from outbox) as count`;
  expect(left).toEqual({ count: 0 });
  await handle([good!]);
  expect(await stateOf(good!)).toMatchObject({ open: 1 });
});

it('batches of replicas that want the same package versions wait for each other in one order', async () => {
  const [first, second] = await Promise.all([
    all({ names: ['z', 'm'], lane: 'interactive' }, { names: ['a'] }),
    all({ names: ['a', 'm'], lane: 'interactive' }, { names: ['z'] }),
  ]);
  // Both are held up half-way, each with what it took before.
  let taken: Promise<void>[] = [];
  await sql.begin(async (tx) => {
    await tx`insert into packages (purl) values (${purlOf('m')})`;
    taken = [handle(first), handle(second)];
    const waiting = async () => {
      const rows = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return rows.length === 2;
    };
    await waitFor(waiting, { what: 'both batches to wait' });
  });
  await Promise.all(taken);
  expect((await inFlight()).map(({ purl, lane }) => `${purl} ${lane}`)).toEqual(
    ['a', 'm', 'z'].map((name) => `${purlOf(name)} interactive`),
  );
});
