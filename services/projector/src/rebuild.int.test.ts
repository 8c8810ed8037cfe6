import { randomBytes } from 'node:crypto';
import { grantsSql, postgresSetupSql } from '@sluice/rights';
import { ensureTopology, eventsStream, publish } from '@sluice/broker';
import { toMessage } from '@sluice/delivery';
import type { SluiceEvent } from '@sluice/contracts';
import { exampleEvent, waitFor } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { followedStream } from '../test/followed-stream.ts';
import { lifeOf, publishAll, submission } from '../test/projection-kit.ts';
import { readCheckpoint } from './apply.ts';
import { archiveEvents } from './archive/archive-events.ts';
import { archiveSchema, listSegments } from './archive/segments.ts';
import { rebuild } from './rebuild.ts';
import { hashTables } from './table-contents.ts';
import { readSchema } from './schema.ts';

const { postgres, sql, artifacts, log, bus, caughtUp } = await followedStream();

const run = (swap: boolean) => rebuild(bus, { databaseUrl: postgres.url, swap, artifacts, log });

/** Requests and the lives of their packages, mixed as several workers would mix them. */
async function mixed(count: number, prefix: string): Promise<SluiceEvent[]> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const request = await submission(artifacts, [...names, null]);
  const lives = names.map((name) => lifeOf(name));
  const interleaved = Array.from({ length: 7 }, (_, step) => lives.map((life) => life[step]!)).flat();
  const ended = names.map((_, ordinal) => ({
    ordinal,
    outcome: 'approve' as const,
    assessmentId: null,
    reasons: [],
    at: '2026-03-01T09:30:03.000Z',
  }));
  return [
    request,
    ...interleaved,
    exampleEvent('request.progressed', { requestId: request.subject, items: ended }),
    exampleEvent('request.completed', { requestId: request.subject }),
    exampleEvent('advisories.imported'),
  ];
}
const schemas = async () =>
  (await sql`select nspname as name from pg_namespace where nspname like 'read%' order by 1`).map(
    (row) => row['name'] as string,
  );

it('comes to exactly the live read models, compared or swapped', async () => {
  await publishAll(bus, await mixed(50, 'a'));
  await caughtUp();
  const live = await hashTables(sql, readSchema);
  const compared = await run(false);
  expect(compared.hashes).toEqual(live);
  expect(compared.events).toBe((await readCheckpoint(sql)).sequence);
  const swapped = await run(true);
  expect(swapped.hashes).toEqual(live);
  expect(await schemas()).toEqual([readSchema]);
});

it('leaves the tables to their owner, and its rights to who reads them, after a swap by another role', async () => {
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const database = new URL(postgres.url).pathname.slice(1);
  await sql.unsafe(postgresSetupSql({ database, passwords: {}, prefix }));
  const [owner, reader] = [`${prefix}_projector`, `${prefix}_gateway`];
  await sql.unsafe(grantsSql(readSchema, prefix));
  const rights = async () =>
    sql`
      select relname, pg_get_userbyid(relowner) as owner, has_table_privilege(${reader}, oid, 'select') as reads,
        has_table_privilege(${reader}, oid, 'insert') as writes
      from pg_class where relnamespace = ${readSchema}::regnamespace and relkind = 'r' order by relname`;
  const before = await rights();
  expect(before).toContainEqual({ relname: 'packages', owner, reads: true, writes: false });
  await run(true);
  expect(await rights()).toEqual(before);
  const [schema] = await sql`
    select pg_get_userbyid(nspowner) as owner, has_schema_privilege(${reader}, oid, 'usage') as uses,
      has_schema_privilege(${reader}, oid, 'create') as creates
    from pg_namespace where nspname = ${readSchema}`;
  expect(schema).toEqual({ owner, uses: true, creates: false });
});

it('counts events that are in the stream twice once, as the live ones do, and has the same indexes', async () => {
  const events = await mixed(5, 'a');
  await publishAll(bus, events);
  // The broker forgets message ids after a while.
  for (const event of events) await publish(bus, { ...toMessage(event), eventId: crypto.randomUUID() });
  await caughtUp();
  const live = await hashTables(sql, readSchema);
  const indexes = () =>
    sql`select indexdef from pg_indexes where schemaname = ${readSchema} and tablename <> 'schema_migrations' order by 1`;
  const before = await indexes();
  expect((await run(true)).hashes).toEqual(live);
  expect(await indexes()).toEqual(before);
});

it('finds wrong rows of the live ones, and mends them', async () => {
  await publishAll(bus, await mixed(5, 'a'));
  await caughtUp();
  const right = await hashTables(sql, readSchema);
  await sql`update package_scopes set outcome = 'approve' where purl like '%a3@%'`;
  const wrong = await hashTables(sql, readSchema);
  expect((await run(false)).hashes).toEqual(right);
  expect(await hashTables(sql, readSchema)).toEqual(wrong);
  await run(true);
  expect(await hashTables(sql, readSchema)).toEqual(right);
});

it('swaps while events keep coming, and the live projector goes on in the new tables', async () => {
  await publishAll(bus, await mixed(30, 'a'));
  let coming = true;
  const publishing = (async () => {
    for (let round = 0; coming; round += 1) await publishAll(bus, await mixed(3, `b${round}-`));
  })();
  const swapped = await run(true);
  coming = false;
  await publishing;
  await caughtUp();
  expect((await readCheckpoint(sql)).sequence).toBeGreaterThan(swapped.events);
  expect((await run(false)).hashes).toEqual(await hashTables(sql, readSchema));
  expect(await schemas()).toEqual([readSchema]);
});

const archive = () => archiveEvents(bus, { sql, artifacts, log });
/** A broker that came back without its data. */
const loseStream = async () => {
  await bus.jsm.streams.delete(eventsStream);
  await ensureTopology(bus);
};

describe('when the stream has forgotten its beginning', () => {
  it('refuses without an archive, names the missing events, and leaves the live ones alone', async () => {
    await publishAll(bus, await mixed(2, 'a'));
    await caughtUp();
    const live = await hashTables(sql, readSchema);
    await bus.jsm.streams.purge(eventsStream, { seq: 5 });
    await expect(run(true)).rejects.toMatchObject({
      code: 'projection.incomplete',
      message: 'Events 1 to 4 of epoch 1 are neither in the stream nor in the archive.',
    });
    expect(await hashTables(sql, readSchema)).toEqual(live);
    expect(await schemas()).toEqual([readSchema]);
  });

  it.each([
    ['a part of it', 40],
    ['all that was archived', 54],
    ['everything', undefined],
  ])('comes to the same from the archive and what is left: %s', async (_, seq) => {
    await publishAll(bus, await mixed(7, 'a'));
    await caughtUp();
    expect(await archive()).toBe((await readCheckpoint(sql)).sequence);
    await publishAll(bus, await mixed(3, 'b'));
    await caughtUp();
    if (seq === undefined) await archive();
    const live = await hashTables(sql, readSchema);
    await bus.jsm.streams.purge(eventsStream, seq === undefined ? undefined : { seq });
    expect((await run(false)).hashes).toEqual(live);
    expect((await run(true)).hashes).toEqual(live);
    // The live projector goes on in them.
    await publishAll(bus, await mixed(2, 'c'));
    await caughtUp();
    expect((await run(false)).hashes).toEqual(await hashTables(sql, readSchema));
  });

  it('archives each event once, with several archivers', async () => {
    await publishAll(bus, await mixed(4, 'a'));
    await caughtUp();
    await archive();
    expect(await archive()).toBe(0);
    await publishAll(bus, await mixed(1, 'b'));
    await caughtUp();
    await Promise.all([archive(), archive()]);
    const [first, second, ...others] = await listSegments(sql);
    expect(others).toEqual([]);
    expect(second!.firstSequence).toBe(first!.lastSequence + 1);
    expect(second!.lastSequence).toBe((await readCheckpoint(sql)).sequence);
  });

  it('goes on from a snapshot when events were removed before they were archived', async () => {
    await publishAll(bus, await mixed(4, 'a'));
    await caughtUp();
    await archive();
    await publishAll(bus, await mixed(3, 'b'));
    await caughtUp();
    const live = await hashTables(sql, readSchema);
    await bus.jsm.streams.purge(eventsStream);
    await expect(run(true)).rejects.toMatchObject({ code: 'projection.incomplete' });
    await archive();
    expect((await run(false)).hashes).toEqual(live);
    expect((await run(true)).hashes).toEqual(live);
    await publishAll(bus, await mixed(2, 'c'));
    await caughtUp();
    await archive();
    await bus.jsm.streams.purge(eventsStream);
    expect((await run(true)).hashes).toEqual(await hashTables(sql, readSchema));
    await sql`update ${sql(archiveSchema)}.snapshots set digest = ${`sha256:${'0'.repeat(64)}`}`;
    await expect(run(true)).rejects.toThrow(/The snapshot of event \d+ of epoch 1 cannot be read/);
    expect(await schemas()).toEqual([readSchema]);
  });

  it('says which part of the archive is gone', async () => {
    await publishAll(bus, await mixed(2, 'a'));
    await caughtUp();
    await archive();
    await sql`update ${sql(archiveSchema)}.segments set digest = ${`sha256:${'0'.repeat(64)}`}`;
    await bus.jsm.streams.purge(eventsStream);
    await expect(run(true)).rejects.toMatchObject({
      code: 'projection.incomplete',
      message: expect.stringContaining('cannot be read from the archive') as string,
    });
    expect(await schemas()).toEqual([readSchema]);
  });
});

it('comes to the same over streams that were lost, as far as they were archived', async () => {
  await publishAll(bus, await mixed(5, 'a'));
  await caughtUp();
  await archive();
  await loseStream();
  await publishAll(bus, await mixed(3, 'b'));
  await waitFor(async () => (await readCheckpoint(sql)).epoch === 2, { what: 'the next epoch' });
  await caughtUp();
  const live = await hashTables(sql, readSchema);
  expect((await run(true)).hashes).toEqual(live);
  await archive();
  await bus.jsm.streams.purge(eventsStream);
  expect((await run(true)).hashes).toEqual(live);
});

it('comes to the same when a lost stream was not archived and its events come again in another order', async () => {
  const events = await mixed(5, 'a');
  await publishAll(bus, events);
  await caughtUp();
  await loseStream();
  const again = events.filter(({ type }) => !/requested|licensed|downloaded|scanned|attempt/.test(type));
  await publishAll(bus, [...(await mixed(2, 'b')), ...again.toReversed()]);
  await waitFor(async () => (await readCheckpoint(sql)).epoch === 2, { what: 'the next epoch' });
  await caughtUp();
  const live = await hashTables(sql, readSchema);
  expect((await run(false)).hashes).toEqual(live);
  expect((await run(true)).hashes).toEqual(live);
  expect(await sql`select from requests where completed_at is null`).toHaveLength(0);
  expect(await sql`select from packages where state = 'running'`).toHaveLength(0);
});

describe('lists of requests that are gone', () => {
  it('never make the read models poorer: the swap is refused, and says why', async () => {
    const events = await mixed(3, 'a');
    await publishAll(bus, events);
    await caughtUp();
    const live = await hashTables(sql, readSchema);
    const digest = (events[0]!.data as { listDigest: string }).listDigest;
    const without: typeof artifacts = {
      ...artifacts,
      read: (wanted, max) => artifacts.read(wanted === digest ? `sha256:${'0'.repeat(64)}` : wanted, max),
    };
    const options = { databaseUrl: postgres.url, artifacts: without, log };
    expect(await rebuild(bus, { ...options, swap: false })).toMatchObject({ missingLists: [digest] });
    const refused = rebuild(bus, { ...options, swap: true });
    await expect(refused).rejects.toMatchObject({ code: 'projection.incomplete' });
    await expect(refused).rejects.toThrow(`request_items 0 instead of 4`);
    await expect(refused).rejects.toThrow(digest);
    expect(await hashTables(sql, readSchema)).toEqual(live);
    expect(await schemas()).toEqual([readSchema]);
    await rebuild(bus, { ...options, swap: true, allowFewer: true });
    expect(await sql`select 1 from request_items`).toHaveLength(0);
  });
});

it('is done by one at a time: the other is refused', async () => {
  await publishAll(bus, await mixed(20, 'a'));
  await caughtUp();
  const live = await hashTables(sql, readSchema);
  const results = await Promise.allSettled([run(false), run(true), run(true)]);
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'projection.busy' });
  expect(await hashTables(sql, readSchema)).toEqual(live);
  expect(await schemas()).toEqual([readSchema]);
});

it('comes to the same of events of two scopes, and of old ones that name none', async () => {
  const [old, scoped] = [await mixed(3, 'old'), await mixed(3, 'scoped')];
  for (const event of old) delete (event.data as { scope?: string }).scope;
  const inTeam = scoped.flatMap((event) =>
    'scope' in (event.data as object)
      ? [{ ...event, id: crypto.randomUUID(), data: { ...(event.data as object), scope: 'team-a' } }]
      : [],
  );
  // A request belongs to one scope; package versions have a standing in both.
  const ofPackages = inTeam.filter(({ type }) => type.startsWith('pkg.'));
  await publishAll(bus, [...old, ...scoped, ...ofPackages]);
  await caughtUp();
  expect(
    await sql`select scope, count(*)::int as count from package_scopes where verdict is not null and decision is not null
      group by scope order by scope`,
  ).toEqual([
    { scope: 'default', count: 6 },
    { scope: 'team-a', count: 3 },
  ]);
  expect((await run(false)).hashes).toEqual(await hashTables(sql, readSchema));
});
