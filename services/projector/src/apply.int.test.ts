import { uuidV7, type Submission } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { entryOf, lifeOf, logged, purlOf, submission, testArtifacts } from '../test/projection-kit.ts';
import { CheckpointMoved, applyBatch, changedChannel, readCheckpoint, type Checkpoint } from './apply.ts';
import { positionOf } from './projected-event.ts';
import { hashTables } from './table-contents.ts';
import { projectorMigrations, readSchema } from './schema.ts';

const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
const artifacts = await testArtifacts();
const deps = { sql, artifacts, log: createLogger('test', 'silent') };
const start: Checkpoint = { streamIdentity: 'this', epoch: 1, sequence: 0 };

beforeEach(async () => {
  await sql`truncate requests, request_items, early_events, packages, package_scopes, package_evidence, timeline, advisory_sets, counts`;
  await sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`;
});

const one = async (query: PromiseLike<readonly (object | undefined)[]>) => (await query)[0];

describe('a batch', () => {
  it('moves rows and checkpoint together', async () => {
    const after = await applyBatch(deps, logged(lifeOf('a')), start);
    expect(after).toEqual({ ...start, sequence: 7 });
    expect(await readCheckpoint(sql)).toEqual(after);
    const row = await one(
      sql`select state, outcome, decision_state, trace_id, position, attempt from packages join package_scopes using (purl)`,
    );
    expect(row).toEqual({
      state: 'assessed',
      outcome: 'review',
      decision_state: 'approved',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      position: positionOf(1, 7),
      attempt: 1,
    });
    const evidence = await one(sql`
      select license ->> 'expression' as license, download -> 'files' -> 0 ->> 'status' as download, scan -> 'files' -> 0 ->> 'status' as scan
      from package_evidence`);
    expect(evidence).toEqual({ license: 'MIT OR Apache-2.0', download: 'verified', scan: 'scanned' });
    expect((await sql`select type from timeline order by position`).map((entry) => entry['type'])).toEqual(
      lifeOf('a').map((event) => event.type),
    );
  });

  it('ends as if its events had come one by one', async () => {
    const events = [
      await submission(artifacts, ['a', 'b', null]),
      ...lifeOf('a'),
      ...lifeOf('b').slice(0, 4),
    ];
    await applyBatch(deps, logged(events), start);
    const whole = await hashTables(sql, readSchema);
    await sql`truncate requests, request_items, early_events, packages, package_scopes, package_evidence, timeline, advisory_sets, counts`;
    await sql`update checkpoint set sequence = 0`;
    let from = start;
    for (const message of logged(events)) from = await applyBatch(deps, [message], from);
    expect(await hashTables(sql, readSchema)).toEqual(whole);
  });

  it('leaves neither rows nor a moved checkpoint when it fails in the middle', async () => {
    // Text that no gateway lets through, and that Postgres refuses.
    const refused = exampleEvent('request.submitted', { requester: 'mira\u0000' });
    await expect(applyBatch(deps, logged([...lifeOf('a'), refused]), start)).rejects.toThrow(/\S/);
    expect(await sql`select 1 from packages`).toHaveLength(0);
    expect((await readCheckpoint(sql)).sequence).toBe(0);
  });

  it('shows a request whose list is gone without items, and goes on', async () => {
    const missing = exampleEvent('request.submitted', { listDigest: `sha256:${'9'.repeat(64)}` });
    await applyBatch(deps, logged([missing, ...lifeOf('a')]), start);
    expect(await sql`select 1 from requests`).toHaveLength(1);
    expect(await sql`select 1 from request_items`).toHaveLength(0);
    expect(await sql`select 1 from packages`).toHaveLength(1);
  });

  it('that does not follow on the checkpoint is refused', async () => {
    const batch = logged(lifeOf('a'));
    await applyBatch(deps, batch, start);
    await expect(applyBatch(deps, batch, start)).rejects.toThrow(CheckpointMoved);
    await expect(applyBatch(deps, batch, { ...start, epoch: 2, sequence: 7 })).rejects.toThrow(
      CheckpointMoved,
    );
    expect(await sql`select 1 from timeline`).toHaveLength(batch.length);
  });

  it('of two that follow on the same checkpoint applies one', async () => {
    const results = await Promise.allSettled([
      applyBatch(deps, logged(lifeOf('a')), start),
      applyBatch(deps, logged(lifeOf('b')), start),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await sql`select 1 from packages`).toHaveLength(1);
  });

  it('passes over messages that are no known event, and keeps the order', async () => {
    const [requested, licensed] = lifeOf('a');
    const newer = { ...licensed, dataversion: 99 };
    const batch = [
      ...logged([requested!]),
      entryOf(2, 'no event at all'),
      entryOf(3, JSON.stringify(newer)),
      entryOf(4, JSON.stringify({ ...newer, type: 'pkg.unheard-of', dataversion: 1 })),
    ];
    expect(await applyBatch(deps, batch, start)).toMatchObject({ sequence: 4 });
    expect(await one(sql`select stage from packages`)).toEqual({ stage: 'license' });
  });

  it('shows an event once that is in the stream again, in the same batch or much later', async () => {
    const life = lifeOf('a');
    const once = await applyBatch(deps, logged(life), start);
    await applyBatch(deps, logged([life[2]!, ...lifeOf('b'), life[4]!, life[4]!], 8), once);
    const shown = await sql`select position, event_id from timeline order by position`;
    expect(shown.map(({ position }) => position as number)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15].map((sequence) => positionOf(1, sequence)),
    );
    expect((await readCheckpoint(sql)).sequence).toBe(17);
  });

  it('notifies listeners of the position of the read models', async () => {
    let heard: (payload: string) => void = () => {};
    const hearing = new Promise<string>((resolve) => (heard = resolve));
    const listener = await sql.listen(changedChannel, (payload) => heard(payload));
    await applyBatch(deps, logged(lifeOf('a')), start);
    expect(await hearing).toBe(String(positionOf(1, 7)));
    await listener.unlisten();
  });
});

it('shows the evidence of the run that counts, not late evidence of an earlier run', async () => {
  const about = { purl: purlOf('a'), assessmentId: uuidV7() };
  const licensed = (attempt: number, assessmentId: string, expression: string) => {
    const event = exampleEvent('pkg.licensed', { ...about, assessmentId, attempt });
    const license = { ...event.data.evidence.license, expression };
    return { ...event, data: { ...event.data, evidence: { ...event.data.evidence, license } } };
  };
  const events = [
    exampleEvent('pkg.requested', { ...about, attempt: 2 }),
    licensed(2, about.assessmentId, 'MIT'),
    licensed(1, about.assessmentId, 'GPL-3.0-only'),
    licensed(2, uuidV7(), 'GPL-2.0-only'),
  ];
  await applyBatch(deps, logged(events), start);
  expect(await one(sql`select license ->> 'expression' as license from package_evidence`)).toEqual({
    license: 'MIT',
  });
});

describe('a request', () => {
  const progressed = (requestId: string, ended: [ordinal: number, outcome: 'approve' | 'reject'][]) =>
    exampleEvent('request.progressed', {
      requestId,
      items: ended.map(([ordinal, outcome]) => ({
        ordinal,
        outcome,
        assessmentId: null,
        reasons: [],
        at: '2026-03-01T09:30:03.000Z',
      })),
    });

  it('has its items from the stored list, counts those that ended once, and is completed', async () => {
    const submitted = await submission(artifacts, ['a', 'b', 'c', null]);
    const id = submitted.subject;
    const first = progressed(id, [
      [0, 'approve'],
      [1, 'reject'],
    ]);
    const events = [
      submitted,
      first,
      // Told again in another event: the same items.
      progressed(id, [
        [1, 'reject'],
        [2, 'approve'],
      ]),
      exampleEvent('request.completed', {
        requestId: id,
        counts: { approve: 2, reject: 1, unassessable: 1 },
      }),
    ];
    await applyBatch(deps, logged(events), start);
    expect(
      await one(sql`select item_count, ended_items, counts, completed_at is not null as done from requests`),
    ).toEqual({
      item_count: 4,
      ended_items: 3,
      counts: { approve: 2, reject: 1 },
      done: true,
    });
    const items = await sql`select ordinal, purl, outcome, unassessable from request_items order by ordinal`;
    expect(items.map(({ purl, outcome }) => [purl, outcome])).toEqual([
      [purlOf('a'), 'approve'],
      [purlOf('b'), 'reject'],
      [purlOf('c'), 'approve'],
      [null, null],
    ]);
    expect(items[3]!['unassessable']).toEqual({ code: 'source.link', message: 'a link' });
  });

  it('says its platforms, and those of its items', async () => {
    const submitted = await submission(artifacts, ['a', 'b']);
    const { listDigest } = submitted.data as { listDigest: string };
    const list = JSON.parse((await artifacts.read(listDigest, 10_000)).toString()) as Submission;
    const platforms = { os: ['darwin'], cpu: ['arm64'], libc: [] };
    list.items[1]!.platforms = platforms;
    const { digest } = await artifacts.put(Buffer.from(JSON.stringify(list)));
    const forOne = {
      ...submitted,
      data: { ...(submitted.data as object), listDigest: digest, platforms: ['linux-x64'] },
    };
    const forAll = await submission(artifacts, ['c']);
    await applyBatch(deps, logged([forOne, forAll]), start);
    const requests = await sql`select platforms from requests order by position`;
    expect(requests.map((row) => row['platforms'] as unknown)).toEqual([['linux-x64'], []]);
    const items = await sql`select name, platforms from request_items order by name`;
    expect(items.map((row) => row['platforms'] as unknown)).toEqual([null, platforms, null]);
  });

  it('that is submitted twice is one', async () => {
    const submitted = await submission(artifacts, ['a', 'b']);
    await applyBatch(deps, logged([submitted, submitted]), start);
    expect(await sql`select 1 from requests`).toHaveLength(1);
    expect(await sql`select 1 from request_items`).toHaveLength(2);
  });

  it('adds up over batches', async () => {
    const submitted = await submission(artifacts, ['a', 'b', 'c']);
    let from = start;
    for (const event of [
      submitted,
      progressed(submitted.subject, [[0, 'approve']]),
      progressed(submitted.subject, [
        [1, 'approve'],
        [2, 'reject'],
      ]),
    ])
      from = await applyBatch(deps, logged([event], from.sequence + 1), from);
    expect(await one(sql`select ended_items, counts from requests`)).toEqual({
      ended_items: 3,
      counts: { approve: 2, reject: 1 },
    });
  });
});

it('keeps the last check of each ecosystem’s advisories', async () => {
  const checked = (checkedAt: string, recordCount: number) =>
    exampleEvent('advisories.imported', { checkedAt, recordCount });
  const events = [checked('2026-03-02T00:00:00Z', 20), checked('2026-03-01T00:00:00Z', 10)];
  await applyBatch(deps, logged(events), start);
  expect(await one(sql`select ecosystem, record_count from advisory_sets`)).toEqual({
    ecosystem: 'npm',
    record_count: 20,
  });
});

it('knows since when a set of advisories is not confirmed', async () => {
  const checked = (checkedAt: string, result: 'unchanged' | 'failed') =>
    exampleEvent('advisories.imported', { checkedAt, result });
  const events = [checked('2026-03-01T00:00:00Z', 'unchanged'), checked('2026-03-02T00:00:00Z', 'failed')];
  await applyBatch(deps, logged(events), start);
  expect(await one(sql`select result, confirmed_at from advisory_sets`)).toEqual({
    result: 'failed',
    confirmed_at: new Date('2026-03-01T00:00:00Z'),
  });
});
