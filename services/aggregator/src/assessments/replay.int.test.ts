import {
  decodeEnvelope,
  uuidV7,
  type Decision,
  type ListReplaysInput,
  type ReplayInput,
  type ScanEvidence,
  type SluiceEvent,
  type StageName,
} from '@sluice/contracts';
import {
  cleanDownload,
  cleanLicense,
  cleanRegistry,
  cleanEvidence,
  cleanScan,
  exampleEvent,
  testPostgres,
} from '@sluice/testkit';
import { beforeEach, expect, it } from 'vitest';
import { admitBulk } from './admit-bulk.ts';
import { assessAll } from './assess-packages.ts';
import { assessmentColumns, type Assessment } from './assessment.ts';
import { listReplays } from '../commands/list-replays.ts';
import { replayStage } from '../commands/replay.ts';
import { steerReplay } from '../commands/steer-replay.ts';
import { waitingInOutbox } from '../recovery/waiting-in-outbox.ts';
import { onEvidence } from './on-evidence.ts';
import { aggregatorMigrations } from '../service.ts';
import { admitAll, testDeps, wantedBy } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
let now: Date;
const deps = testDeps(sql, { now: () => now });

beforeEach(async () => {
  now = new Date('2026-03-01T12:00:00Z');
  await sql`truncate replays, replay_packages, packages, assessments, outbox, outbox_waiting, inbox, decisions, audit cascade`;
});

interface Past {
  endedAt?: string;
  producer?: string;
  advisories?: string;
  approved?: boolean;
}
const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;

/** A package version that was assessed before. @returns its assessment's id. */
async function assessed(name: string, past: Past = {}): Promise<string> {
  const id = uuidV7();
  const scan = cleanScan({
    producer: past.producer ?? 'scan/old',
    advisories: { status: 'matched', version: past.advisories ?? 'v1', matches: [] },
  });
  const license = cleanLicense({
    producer: `license/${/^\d+$/.test(past.producer ?? '') ? past.producer : 1}`,
  });
  const endedAt = past.endedAt ?? '2026-02-01T00:00:00Z';
  const decision: Decision = {
    state: 'approved',
    by: { kind: 'policy', name: 'default' },
    reason: 'nothing found',
    at: endedAt,
    until: null,
    sequence: 1,
  };
  await sql`
    insert into assessments (id, purl, lane, state, stage, registry, license, download, scan, traceparent, requested_at, deadline_at, ended_at)
    values (${id}, ${purlOf(name)}, 'bulk', 'assessed', 'scan', ${JSON.stringify(cleanRegistry())}::text::jsonb, ${JSON.stringify(license)}::text::jsonb,
      ${JSON.stringify(cleanDownload())}::text::jsonb, ${JSON.stringify(scan)}::text::jsonb, 't', ${endedAt}, ${endedAt}, ${endedAt})`;
  await sql`
    insert into packages (purl, assessment_id, decision, decision_sequence)
    values (${purlOf(name)}, ${id}, ${past.approved ? JSON.stringify(decision) : null}::text::jsonb, ${past.approved ? 1 : 0})`;
  return id;
}

const input = (stage: StageName, changes: Partial<ReplayInput> = {}): ReplayInput => ({
  id: uuidV7(),
  by: 'mira',
  reason: 'new rules',
  stage,
  since: null,
  until: null,
  ecosystem: null,
  rulesVersion: null,
  advisoriesVersion: null,
  limit: 1_000,
  dryRun: false,
  ...changes,
});

async function published(): Promise<SluiceEvent[]> {
  const rows = await sql<{ payload: string }[]>`
    select payload from outbox where subject <> 'audit.recorded' order by position`;
  return rows.map(({ payload }) => decodeEnvelope(payload));
}

const begins = { license: 'pkg.requested', download: 'pkg.licensed', scan: 'pkg.downloaded' } as const;

it.each(['license', 'download', 'scan'] as const)(
  'begins at the stage %s, in the slow lane, with the evidence of the stages before it',
  async (stage) => {
    const before = await assessed('a');
    const replay = input(stage);
    expect(await replayStage(replay, deps)).toMatchObject({ id: replay.id, packages: 1, running: 0 });
    await admitAll(deps);
    const [event] = await published();
    expect(event).toMatchObject({
      type: begins[stage],
      subject: purlOf('a'),
      data: { lane: 'bulk', attempt: 1, replay: { replayId: replay.id, by: 'mira', reason: 'new rules' } },
    });
    const [row] = await sql`
      select id, stage, license is not null as license, download is not null as download, scan is not null as scan
      from assessments where state = 'running'`;
    expect(row).toEqual({
      id: (event!.data as { assessmentId: string }).assessmentId,
      stage,
      license: stage !== 'license',
      download: stage === 'scan',
      scan: false,
    });
    expect(row!['id']).not.toBe(before);
    if (stage !== 'license')
      expect(event!.data).toMatchObject({
        evidence: { registry: cleanRegistry(), license: { declared: 'MIT', producer: 'license/1' } },
      });
    if (stage === 'scan') expect(event!.data).toMatchObject({ evidence: { download: cleanDownload() } });
  },
);

it('ends as any assessment does, and recalls what the policy would no longer approve', async () => {
  await assessed('evil', { approved: true });
  await replayStage(input('scan'), deps);
  await admitAll(deps);
  const [began] = await published();
  const received = { traceparent: undefined, sequence: 1 };
  const scan: ScanEvidence = cleanScan({
    findings: [
      {
        rule: 'malware.exfiltration',
        severity: 'high',
        tier: 'review',
        title: 'Sends what it should not',
        file: null,
        line: null,
        excerpt: null,
      },
    ],
    findingsTotal: 1,
  });
  const { assessmentId } = began!.data as { assessmentId: string };
  const scanned = exampleEvent('pkg.scanned', {
    assessmentId,
    purl: purlOf('evil'),
    lane: 'bulk',
    attempt: 1,
    evidence: cleanEvidence({ scan }),
  });
  await onEvidence(deps)([{ ...received, event: scanned }]);
  expect((await published()).map(({ type }) => type)).toEqual([
    'pkg.downloaded',
    'pkg.assessed',
    'pkg.recalled',
  ]);
  expect((await listReplays({ limit: 10 }, deps)).replays).toMatchObject([
    { state: 'ended', packages: 1, waiting: 0, running: 0, assessed: 1, failed: 0, by: 'mira' },
  ]);
});

it.each<[string, StageName, Partial<ReplayInput>, string[]]>([
  ['everything', 'scan', {}, ['old', 'newer', 'newest']],
  ['since', 'scan', { since: '2026-02-02T00:00:00Z' }, ['newer', 'newest']],
  ['until', 'scan', { until: '2026-02-02T00:00:00+00:00' }, ['old']],
  ['both', 'scan', { since: '2026-02-02T00:00:00Z', until: '2026-02-03T00:00:00Z' }, ['newer']],
  ['ecosystem', 'scan', { ecosystem: 'pypi' }, []],
  ['ecosystem too', 'scan', { ecosystem: 'npm' }, ['old', 'newer', 'newest']],
  ['other rules', 'scan', { rulesVersion: 'abc' }, ['old', 'newer']],
  ['a lower version', 'license', { rulesVersion: '3' }, ['old', 'newer', 'newest']],
  ['no lower version', 'license', { rulesVersion: '1' }, []],
  ['other advisories', 'scan', { advisoriesVersion: 'v2' }, ['old']],
  ['at most', 'scan', { limit: 2 }, ['old', 'newer']],
])('chooses by %s, the longest ago first, and counts the same', async (_, stage, filter, names) => {
  await assessed('newest', { endedAt: '2026-02-03T00:00:00Z', producer: 'scan/abc', advisories: 'v2' });
  await assessed('old', { endedAt: '2026-02-01T00:00:00Z' });
  await assessed('newer', { endedAt: '2026-02-02T00:00:00Z', advisories: 'v2' });
  const counted = { packages: names.length, running: 0 };
  expect(await replayStage(input(stage, { ...filter, dryRun: true }), deps)).toMatchObject({
    id: null,
    ...counted,
  });
  expect(await sql`select from replays`).toHaveLength(0);
  expect(await replayStage(input(stage, filter), deps)).toMatchObject(counted);
  const waiting = await sql<{ purl: string }[]>`select purl from replay_packages order by ordinal`;
  expect(waiting.map(({ purl }) => purl)).toEqual(names.map(purlOf));
});

it('joins what is in flight, and is joined by who asks later', async () => {
  await assessed('busy');
  await assessed('idle');
  await sql.begin((tx) => assessAll(tx, wantedBy(purlOf('fresh')), deps));
  await sql`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    values (${uuidV7()}, ${purlOf('busy')}, 'bulk', 't', ${now}, ${now})`;
  expect(await replayStage(input('scan'), deps)).toMatchObject({ packages: 2, running: 1 });
  await admitAll(deps);
  const running = await sql<{ purl: string; n: number }[]>`
    select purl, count(*)::int as n from assessments where state = 'running' group by 1 order by 1`;
  expect(running).toEqual([purlOf('busy'), purlOf('fresh'), purlOf('idle')].map((purl) => ({ purl, n: 1 })));
  expect((await listReplays({ limit: 1 }, deps)).replays[0]).toMatchObject({
    state: 'running',
    joined: 1,
    running: 1,
  });
  const before = (await published()).length;
  await sql.begin((tx) => assessAll(tx, wantedBy(purlOf('idle')), deps));
  expect(await published()).toHaveLength(before);
});

it('begins while there is room in the window of bulk work, and shows how far it is', async () => {
  for (let index = 0; index < 30; index += 1) await assessed(`p${index}`);
  await replayStage(input('scan'), deps);
  const shown = async () => (await listReplays({ limit: 1 }, deps)).replays[0];
  for (let asked = 0; asked < 3; asked += 1) await admitBulk(deps, 10);
  expect(await shown()).toMatchObject({ state: 'starting', running: 10, waiting: 20 });
  await sql`update assessments set state = 'failed' where state = 'running'`;
  await admitBulk(deps, 15);
  expect(await shown()).toMatchObject({ state: 'starting', running: 15, failed: 10, waiting: 5 });
  await admitAll(deps);
  expect(await shown()).toMatchObject({ state: 'running', running: 20, failed: 10, waiting: 0 });
});

it('lists page by page, newest first, also those of the same moment', async () => {
  await assessed('a');
  for (let index = 0; index < 5; index += 1) await replayStage(input('scan'), deps);
  await sql`update replays set created_at = '2026-03-01T12:00:00.123456Z' where id in (select id from replays limit 3)`;
  const all = (await listReplays({ limit: 10 }, deps)).replays;
  const turned: string[] = [];
  let after: ListReplaysInput['after'] = null;
  for (;;) {
    const { replays: page } = await listReplays({ limit: 2, after }, deps);
    turned.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (!last) break;
    after = { createdAt: last.createdAt, id: last.id };
  }
  expect(turned).toEqual(all.map(({ id }) => id));
  expect(turned).toHaveLength(5);
});

it('sent again is the same replay, recorded once; with another filter it is refused', async () => {
  await assessed('a');
  const replay = input('scan');
  const first = await replayStage(replay, deps);
  expect(first.repeated).toBe(false);
  expect(await replayStage(replay, deps)).toEqual({ ...first, repeated: true });
  await expect(replayStage({ ...replay, limit: 7 }, deps)).rejects.toMatchObject({
    code: 'idempotency.mismatch',
  });
  await admitAll(deps);
  expect(await replayStage(replay, deps)).toEqual({ ...first, running: 1, repeated: true });
  await admitAll(deps);
  const audit = await sql`select actor, action, subject, detail ->> 'reason' as reason from audit`;
  expect([...audit]).toEqual([
    { actor: 'mira', action: 'replay', subject: `replay ${replay.id}`, reason: 'new rules' },
  ]);
});

it.each(['license', 'download', 'scan'] as const)(
  'from the stage %s waits, and does not begin anew, while the broker is away',
  async (stage) => {
    await assessed('a');
    await replayStage(input(stage), deps);
    await admitAll(deps);
    const rows = await sql<
      Assessment[]
    >`select ${sql.unsafe(assessmentColumns)} from assessments where state = 'running'`;
    const waiting = await sql.begin((tx) => waitingInOutbox(tx, rows));
    expect([...waiting]).toEqual(rows.map(({ id }) => id));
  },
);

const steered = (id: string, action: 'cancel' | 'retry') => ({ id, action, by: 'noor', reason: 'too much' });
const endAs = (state: 'assessed' | 'failed', name?: string) => sql`
  update assessments set state = ${state}, ended_at = ${now}
  where state = 'running' ${name === undefined ? sql`` : sql`and purl = ${purlOf(name)}`}`;

it('cancelled leaves out those whose turn has not come, and assesses the others to their end', async () => {
  for (const name of ['a', 'b', 'c']) await assessed(name);
  const { id } = await replayStage(input('scan'), deps);
  await admitBulk(deps, 1);
  expect(await steerReplay(steered(id!, 'cancel'), deps)).toEqual({ id, packages: 2 });
  const shown = async () => (await listReplays({ limit: 10, id }, deps)).replays;
  expect(await shown()).toMatchObject([
    { state: 'running', packages: 3, waiting: 0, running: 1, cancelled: 2 },
  ]);
  await admitAll(deps);
  await endAs('assessed');
  expect(await shown()).toMatchObject([{ state: 'cancelled', running: 0, assessed: 1, cancelled: 2 }]);
  // Sent again it is what it was.
  expect(await steerReplay(steered(id!, 'cancel'), deps)).toEqual({ id, packages: 0 });
  const audit = await sql`
    select actor, action, subject, detail from audit where action = 'cancel-replay' order by detail ->> 'packages'`;
  expect([...audit]).toEqual(
    [0, 2].map((packages) => ({
      actor: 'noor',
      action: 'cancel-replay',
      subject: `replay ${id}`,
      detail: { reason: 'too much', packages },
    })),
  );
});

it('has what failed of it tried again, in another round, and nothing else', async () => {
  for (const name of ['fine', 'bad', 'mended']) await assessed(name);
  const { id } = await replayStage(input('scan'), deps);
  await admitAll(deps);
  await endAs('assessed', 'fine');
  await endAs('failed');
  // Assessed by another replay since.
  now = new Date('2026-03-02T12:00:00Z');
  await sql`
    insert into assessments (id, purl, lane, state, traceparent, requested_at, deadline_at, ended_at)
    values (${uuidV7()}, ${purlOf('mended')}, 'bulk', 'assessed', 't', ${now}, ${now}, ${now})`;
  expect(await steerReplay(steered(id!, 'retry'), deps)).toEqual({ id, packages: 1 });
  expect(await steerReplay(steered(id!, 'retry'), deps)).toEqual({ id, packages: 0 });
  await admitAll(deps);
  const running = await sql`select purl from assessments where state = 'running' and replay_id = ${id}`;
  expect([...running]).toEqual([{ purl: purlOf('bad') }]);
  await endAs('assessed');
  expect((await listReplays({ limit: 1 }, deps)).replays).toMatchObject([
    { state: 'ended', packages: 3, assessed: 2, failed: 1 },
  ]);
});

it('that has nothing left to cancel, or is none, says so', async () => {
  await assessed('a');
  const { id } = await replayStage(input('scan'), deps);
  await admitAll(deps);
  await expect(steerReplay(steered(id!, 'cancel'), deps)).rejects.toMatchObject({ code: 'replay.ended' });
  for (const action of ['cancel', 'retry'] as const)
    await expect(steerReplay(steered(uuidV7(), action), deps)).rejects.toMatchObject({
      code: 'replay.not-found',
    });
  expect(await sql`select from audit where action <> 'replay'`).toHaveLength(0);
});
