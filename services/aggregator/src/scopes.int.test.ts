import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import { uuidV7, type DecideInput, type Lane, type SluiceEvent } from '@sluice/contracts';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { afterAll, beforeEach, expect, it } from 'vitest';
import {
  admitAll,
  bringEvidence,
  scopesOf,
  testDeps,
  testItem,
  type Findings,
} from '../test/aggregator-kit.ts';
import { decidePackage } from './commands/decide.ts';
import { retryFailed } from './commands/retry.ts';
import { onFailed } from './assessments/on-failed.ts';
import { replayStage } from './commands/replay.ts';
import { onRequestSubmitted } from './requests/on-request-submitted.ts';
import { aggregatorMigrations } from './service.ts';
import { wakePackages } from './packages/wake-packages.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-scopes-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

let now: Date;
const scopes = scopesOf({
  default: 'version: 1\nname: ours\nage: { cooldownHours: 0 }',
  // Reviews a license that the organisation has nothing against.
  careful: 'version: 1\nname: careful\nlicense: { review: [MIT] }',
  patient: 'version: 1\nname: patient\nage: { cooldownHours: 1 }\nassessment: { freshHours: 1 }',
});
const deps = testDeps(sql, { artifacts: fileArtifactStore(folder), scopes, now: () => now });
let purl: string;
let count = 0;

beforeEach(async () => {
  now = new Date('2026-03-01T12:00:00Z');
  count += 1;
  purl = `pkg:npm/scoped-${count}@1.0.0`;
  await sql`truncate outbox, outbox_waiting`;
});
const pass = (seconds: number) => (now = new Date(now.getTime() + seconds * 1000));

/** Submits a request for the package version into a scope. @returns the request's id. */
async function submit(scope: string, lane: Lane = 'interactive'): Promise<string> {
  const items = [testItem('any', { purl })];
  const list = { format: 'test', projectName: null, entryCount: 1, items };
  const { digest } = await deps.artifacts.put(Buffer.from(JSON.stringify(list)));
  const requestId = uuidV7();
  const event = exampleEvent('request.submitted', {
    requestId,
    lane,
    scope,
    listDigest: digest,
    itemCount: 1,
  });
  await onRequestSubmitted(deps)([{ event, traceparent: undefined, sequence: 1 }]);
  return requestId;
}

async function outcomeOf(requestId: string): Promise<string | null> {
  const [row] = await sql<
    { outcome: string | null }[]
  >`select outcome from items where request_id = ${requestId}`;
  return row!.outcome;
}

/** Assessments of the package version, each with its state. */
const assessments = () =>
  sql<
    { id: string; state: string }[]
  >`select id, state from assessments where purl = ${purl} order by requested_at`;

async function assess(findings: Findings = {}): Promise<void> {
  const running = (await assessments()).find(({ state }) => state === 'running');
  await bringEvidence(deps, purl, running!.id, findings);
}

/** Verdict and decision in each scope. */
async function standings(): Promise<Record<string, [outcome: string | null, decision: string | null]>> {
  const rows = await sql<{ scope: string; outcome: string | null; decision: string | null }[]>`
    select scope, v.verdict ->> 'outcome' as outcome, p.decision ->> 'state' as decision
    from packages p left join verdicts v using (assessment_id, scope) where purl = ${purl}`;
  return Object.fromEntries(rows.map(({ scope, outcome, decision }) => [scope, [outcome, decision]]));
}

/** Events about the package version so far, as type and scope. */
async function told(): Promise<string[]> {
  const rows = await sql<{ payload: string }[]>`select payload from outbox order by position`;
  return rows
    .map(({ payload }) => JSON.parse(payload) as SluiceEvent<{ scope?: string }>)
    .filter(({ subject }) => subject === purl)
    .map(({ type, data }) => (data.scope === undefined ? type : `${type} ${data.scope}`));
}

const decide = (state: 'approved' | 'rejected', scope: string, changes: Partial<DecideInput> = {}) =>
  decidePackage(
    state,
    { purl, scope, by: 'mira', reason: 'needed', until: null, assessmentId: null, ...changes },
    deps,
  );

it('one assessment gets a verdict and a decision in each scope that waits for it, by the policy of each', async () => {
  const [ours, theirs] = [await submit('default'), await submit('careful')];
  await assess();
  expect(await assessments()).toMatchObject([{ state: 'assessed' }]);
  expect(await standings()).toEqual({ default: ['approve', 'approved'], careful: ['review', null] });
  expect([await outcomeOf(ours), await outcomeOf(theirs)]).toEqual(['approve', 'review']);
  expect((await told()).toSorted()).toEqual([
    'pkg.approved default',
    'pkg.assessed careful',
    'pkg.assessed default',
    'pkg.requested',
  ]);
});

it('a scope that comes later is judged from the recorded evidence, and no stage works again', async () => {
  await submit('default');
  await assess();
  const later = await submit('careful');
  expect(await outcomeOf(later)).toBe('review');
  expect(await assessments()).toHaveLength(1);
  expect(await told()).toEqual([
    'pkg.requested',
    'pkg.assessed default',
    'pkg.approved default',
    'pkg.assessed careful',
  ]);
  expect(await outcomeOf(await submit('careful'))).toBe('review');
  expect(await told()).toHaveLength(4);
});

it('evidence that is too old for a scope is gathered again, and judged in every scope', async () => {
  await submit('default');
  await assess();
  pass(2 * 3_600);
  const later = await submit('patient');
  expect(await outcomeOf(later)).toBeNull();
  expect(await assessments()).toHaveLength(2);
  await assess({ license: { expression: 'GPL-3.0-only', declared: 'GPL-3.0' } });
  expect(await outcomeOf(later)).toBe('review');
  // New facts recall the approval where there was one.
  expect(await standings()).toEqual({ default: ['review', 'recalled'], patient: ['review', null] });
});

it('a decision of a person holds in its scope alone, numbered by itself', async () => {
  await submit('default');
  await submit('careful');
  await assess();
  const approved = await decide('approved', 'careful');
  expect(approved).toMatchObject({ scope: 'careful', decision: { sequence: 1 } });
  const rejected = await decide('rejected', 'default');
  expect(rejected).toMatchObject({ scope: 'default', decision: { sequence: 2 } });
  expect(await standings()).toEqual({ default: ['approve', 'rejected'], careful: ['review', 'approved'] });
  expect(
    await sql`select scope, sequence, state from decisions where purl = ${purl} order by scope, sequence`,
  ).toEqual([
    { scope: 'careful', sequence: 1, state: 'approved' },
    { scope: 'default', sequence: 1, state: 'approved' },
    { scope: 'default', sequence: 2, state: 'rejected' },
  ]);
});

it('a person decides in a scope that never asked: it is judged first, from the recorded evidence', async () => {
  await submit('default');
  await assess();
  await decide('approved', 'careful');
  expect(await standings()).toEqual({ default: ['approve', 'approved'], careful: ['review', 'approved'] });
  expect((await told()).slice(-2)).toEqual(['pkg.assessed careful', 'pkg.approved careful']);
  expect(await assessments()).toHaveLength(1);
});

it('a decision in an unknown scope, and on what is not assessed, is refused', async () => {
  await expect(decide('approved', 'default')).rejects.toMatchObject({ code: 'package.not-found' });
  await submit('default');
  await expect(decide('approved', 'careful')).rejects.toMatchObject({ code: 'package.not-assessed' });
  await expect(decide('approved', 'nobody')).rejects.toMatchObject({ code: 'scope.unknown' });
  expect(await standings()).toEqual({ default: [null, null] });
});

it('an approval ends, and a cooldown is over, in the scope that has it', async () => {
  await submit('default');
  const patient = await submit('patient');
  await assess({ registry: { publishedAt: new Date(now.getTime() - 3_590_000).toISOString() } });
  expect(await outcomeOf(patient)).toBe('review');
  await decide('rejected', 'default', { until: new Date(now.getTime() + 60_000).toISOString() });
  pass(10);
  expect(await wakePackages(deps)).toBe(1);
  expect(await standings()).toEqual({ default: ['approve', 'rejected'], patient: ['approve', 'approved'] });
  pass(50);
  expect(await wakePackages(deps)).toBe(1);
  expect(await standings()).toEqual({ default: ['approve', 'approved'], patient: ['approve', 'approved'] });
  expect((await told()).slice(-3)).toEqual([
    'pkg.assessed default',
    'pkg.decision-ended default',
    'pkg.approved default',
  ]);
});

it('a replay judges in every scope, and recalls only where the new facts matter', async () => {
  await submit('default');
  await submit('careful');
  await assess();
  await decide('approved', 'careful');
  const filter = { since: null, until: null, ecosystem: null, rulesVersion: null, advisoriesVersion: null };
  const input = {
    id: uuidV7(),
    by: 'mira',
    reason: 'new rules',
    stage: 'scan' as const,
    dryRun: false,
    limit: 1_000,
  };
  const { packages } = await replayStage({ ...input, ...filter }, deps);
  const [known] = await sql<{ count: number }[]>`
    select count(distinct purl)::int as count from packages where assessment_id is not null`;
  expect(packages).toBe(known!.count);
  await admitAll(deps);
  // A license that default reviews; a person in the other scope has approved the same bytes.
  await assess({ license: { expression: 'GPL-3.0-only', declared: 'GPL-3.0' } });
  expect(await standings()).toMatchObject({
    default: ['review', 'recalled'],
    careful: [expect.anything(), 'approved'],
  });
});

it('a request of an unknown scope is not taken in', async () => {
  await expect(submit('nobody')).rejects.toMatchObject({ code: 'scope.unknown' });
  expect(await assessments()).toEqual([]);
});

it('items of a scope that was taken out of the configuration end as failed, and the others as ever', async () => {
  const [ours, theirs] = [await submit('default'), await submit('careful')];
  const [running] = await assessments();
  const fewer = { ...deps, scopes: new Map([...scopes].filter(([scope]) => scope !== 'careful')) };
  await bringEvidence(fewer, purl, running!.id);
  expect([await outcomeOf(ours), await outcomeOf(theirs)]).toEqual(['approve', 'failed']);
  expect(await standings()).toEqual({ default: ['approve', 'approved'], careful: [null, null] });
  // It is back, and its failed items are tried again: from what is recorded.
  const filter = { requestId: theirs, purl: null, code: null, stage: null, limit: 10 };
  await retryFailed({ by: 'mira', reason: 'it is back', ...filter }, deps);
  expect(await outcomeOf(theirs)).toBe('review');
});

it('a failed assessment fails the items of every scope, and changes no verdict', async () => {
  const requests = [await submit('default'), await submit('careful')];
  const [running] = await assessments();
  const about = { assessmentId: running!.id, purl, attempt: 1, lane: 'bulk' as const };
  await onFailed(deps)([{ event: exampleEvent('pkg.failed', about), traceparent: undefined, sequence: 1 }]);
  expect(await Promise.all(requests.map(outcomeOf))).toEqual(['failed', 'failed']);
  expect(await standings()).toEqual({ default: [null, null], careful: [null, null] });
});

it('two requests that bring a scope at once judge it once', async () => {
  await submit('default');
  await assess();
  const both = await Promise.all([submit('careful'), submit('careful')]);
  expect(await Promise.all(both.map(outcomeOf))).toEqual(['review', 'review']);
  expect(await assessments()).toHaveLength(1);
  expect((await told()).filter((fact) => fact === 'pkg.assessed careful')).toHaveLength(1);
});

it('an assessment that ends while another scope asks for it is judged there as well', async () => {
  for (let turn = 0; turn < 10; turn += 1) {
    count += 1;
    purl = `pkg:npm/scoped-${count}@1.0.0`;
    await submit('default');
    const [later] = await Promise.all([submit('careful'), assess()]);
    expect(await outcomeOf(later)).toBe('review');
    expect(await assessments()).toHaveLength(1);
  }
});
