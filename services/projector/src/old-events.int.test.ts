import { readFile } from 'node:fs/promises';
import { eventsStream } from '@sluice/broker';
import { readSubmission, uuidV7, type SluiceEvent } from '@sluice/contracts';
import { exampleEvent } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { followedStream } from '../test/followed-stream.ts';
import { publishAll } from '../test/projection-kit.ts';
import { archiveEvents } from './archive/archive-events.ts';
import { rebuild } from './rebuild.ts';
import { readSchema } from './schema.ts';
import { hashTables, tables } from './table-contents.ts';

const { postgres, sql, artifacts, log, bus, caughtUp } = await followedStream();

const fixtures = new URL('../../../libs/contracts/fixtures/', import.meta.url);
const oldList = await readFile(new URL('lists/submission.v1.json', fixtures));
const presentList = Buffer.from(JSON.stringify(readSubmission(JSON.parse(oldList.toString()))));

type Form = 'version 1' | 'today';
const stageFacts = ['pkg.licensed', 'pkg.downloaded', 'pkg.scanned'];
const assessmentId = uuidV7();
const requestId = uuidV7();

/** The life of one package version and of a request that names others, with the same ids in both forms. */
async function eventsOf(form: Form): Promise<SluiceEvent[]> {
  const { digest: listDigest } = await artifacts.put(form === 'today' ? presentList : oldList);
  const { purl } = exampleEvent('pkg.requested').data;
  const submitted = exampleEvent('request.submitted', { requestId, listDigest, itemCount: 7, entryCount: 7 });
  const life = await Promise.all(
    [
      'pkg.requested',
      ...stageFacts.slice(0, 1),
      'pkg.attempt-failed',
      ...stageFacts.slice(1),
      'pkg.assessed',
      'pkg.approved',
    ].map(async (type) => {
      const version = form === 'today' && stageFacts.includes(type) ? 2 : 1;
      const text = await readFile(new URL(`${type}.v${version}.json`, fixtures), 'utf8');
      const event = JSON.parse(text) as SluiceEvent<{ evidence?: { registry?: object } }>;
      const { evidence } = event.data;
      // Version 1 did not state these.
      const unstated = { firstSeenAt: null, publisher: null, filesDigest: null };
      if (evidence?.registry) evidence.registry = { ...evidence.registry, ...unstated };
      return { ...event, subject: purl, data: { ...event.data, purl, assessmentId } };
    }),
  );
  const progressed = exampleEvent('request.progressed', { requestId });
  const events = [submitted, ...life, progressed, exampleEvent('advisories.imported')];
  return events.map((event, index) => ({
    ...event,
    id: `8d0f3a5e-1c2b-4d4e-9f60-${`${index}`.padStart(12, '0')}`,
  }));
}

/** What the tables say; the order of keys within a document says nothing. */
async function contents(): Promise<Record<string, unknown[]>> {
  const said: Record<string, unknown[]> = {};
  for (const table of tables) {
    const rows = await sql.unsafe<{ row: object }[]>(
      `select to_jsonb(t) as row from (select * from ${table}) t order by to_jsonb(t)::text`,
    );
    said[table] = rows.map(({ row }) => row);
  }
  return said;
}

async function follow(form: Form): Promise<void> {
  await publishAll(bus, await eventsOf(form));
  await caughtUp();
}

const said: Partial<Record<Form, Awaited<ReturnType<typeof contents>>>> = {};

it.each<Form>(['today', 'version 1'])(
  'read models of events of the form of %s are rebuilt from stream and archive',
  async (form) => {
    await follow(form);
    const live = await hashTables(sql, readSchema);
    const options = { databaseUrl: postgres.url, artifacts, log };
    expect((await rebuild(bus, { ...options, swap: true })).hashes).toEqual(live);
    await archiveEvents(bus, { sql, artifacts, log });
    await bus.jsm.streams.purge(eventsStream);
    expect((await rebuild(bus, { ...options, swap: true })).hashes).toEqual(live);
    said[form] = await contents();
    expect(said[form]!.request_items).toHaveLength(7);
    expect(said[form]!.package_evidence).toHaveLength(1);
    expect(said[form]).toEqual(said.today);
  },
);
