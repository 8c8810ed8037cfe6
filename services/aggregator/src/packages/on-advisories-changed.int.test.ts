import { decodeEnvelope, uuidV7, type Decision, type SluiceEvent } from '@sluice/contracts';
import {
  cleanDownload,
  cleanEvidence,
  cleanLicense,
  cleanRegistry,
  cleanScan,
  exampleEvent,
  testPostgres,
} from '@sluice/testkit';
import { beforeEach, expect, it } from 'vitest';
import { admitUrgent } from '../assessments/admit-urgent.ts';
import { onEvidence } from '../assessments/on-evidence.ts';
import { listReplays } from '../commands/list-replays.ts';
import { aggregatorMigrations } from '../service.ts';
import { admitAll, testDeps } from '../../test/aggregator-kit.ts';
import { onAdvisoriesChanged } from './on-advisories-changed.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const deps = testDeps(sql);
const json = (value: unknown) => JSON.stringify(value);

beforeEach(async () => {
  await sql`truncate replays, replay_packages, packages, assessments, verdicts, outbox, outbox_waiting, inbox, decisions, audit cascade`;
});

const approved: Decision = {
  state: 'approved',
  by: { kind: 'policy', name: 'default' },
  reason: 'nothing found',
  at: '2026-02-01T00:00:00Z',
  until: null,
  sequence: 1,
};

/** A package version whose scan was compared with a set of advisories. */
async function assessed(
  purl: string,
  { isApproved = true, version = 'v1' }: { isApproved?: boolean; version?: string } = {},
): Promise<void> {
  const id = uuidV7();
  const scan = cleanScan({ advisories: { status: 'matched', version, matches: [] } });
  await sql`
    insert into assessments (id, purl, lane, state, stage, registry, license, download, scan, traceparent, requested_at, deadline_at, ended_at)
    values (${id}, ${purl}, 'bulk', 'assessed', 'scan', ${json(cleanRegistry())}::text::json, ${json(cleanLicense())}::text::json,
      ${json(cleanDownload())}::text::json, ${json(scan)}::text::json, 't', now(), now(), now())`;
  await sql`
    insert into packages (purl, assessment_id, decision, decision_sequence)
    values (${purl}, ${id}, ${isApproved ? json(approved) : null}::text::jsonb, ${isApproved ? 1 : 0})`;
}

const changed = (packages: string[] | null, version = 'v2') =>
  exampleEvent('advisories.changed', { ecosystem: 'npm', version, packages });
const bring = (event: ReturnType<typeof changed>) =>
  onAdvisoriesChanged(deps)([{ event, traceparent: undefined, sequence: 1 }]);
const begin = async () => {
  let mayGoOn = true;
  while (mayGoOn) mayGoOn = await admitUrgent(deps);
};

async function published(): Promise<SluiceEvent[]> {
  const rows = await sql<{ payload: string }[]>`
    select payload from outbox where subject <> 'audit.recorded' order by position`;
  return rows.map(({ payload }) => decodeEnvelope(payload));
}

/** Brings the evidence of the assessment in flight. */
async function scanned(purl: string, scan = cleanScan()): Promise<void> {
  const [row] = await sql<{ id: string; lane: 'bulk' }[]>`
    select id, lane from assessments where purl = ${purl} and state = 'running'`;
  const event = exampleEvent('pkg.scanned', {
    assessmentId: row!.id,
    purl,
    lane: row!.lane,
    attempt: 1,
    evidence: cleanEvidence({ scan }),
  });
  await onEvidence(deps)([{ event, traceparent: undefined, sequence: 1 }]);
}

const critical = (version: string) =>
  cleanScan({
    advisories: {
      status: 'matched',
      version,
      matches: [
        {
          id: 'A-1',
          aliases: [],
          severity: 'critical',
          score: 9.8,
          summary: 'Bad',
          malicious: false,
          fixedIn: '9.0.0',
        },
      ],
    },
  });

it('an advisory has the versions of its packages scanned again, and recalls what it affects', async () => {
  await assessed('pkg:npm/left-pad@1.0.0');
  await assessed('pkg:npm/left-pad@1.1.0');
  await assessed('pkg:npm/%40acme/widget@2.0.0');
  for (const other of [
    'pkg:npm/left-pad-x@1.0.0',
    'pkg:npm/%40acme/left-pad@1.0.0',
    'pkg:pypi/left-pad@1.0.0',
  ])
    await assessed(other);
  await bring(changed(['left-pad', '@acme/widget']));
  await begin();
  const began = await published();
  expect(began.map(({ type, subject }) => [type, subject])).toEqual(
    ['%40acme/widget@2.0.0', 'left-pad@1.0.0', 'left-pad@1.1.0'].map((one) => [
      'pkg.downloaded',
      `pkg:npm/${one}`,
    ]),
  );
  // People do not wait behind bulk work for a recall.
  expect(began[0]!.data).toMatchObject({ lane: 'interactive', replay: { by: 'advisories' } });

  await scanned('pkg:npm/left-pad@1.0.0', critical('v2'));
  await scanned('pkg:npm/left-pad@1.1.0');
  const recalled = (await published()).filter(({ type }) => type === 'pkg.recalled');
  expect(recalled.map(({ subject, data }) => [subject, (data as { decision: Decision }).decision])).toEqual([
    ['pkg:npm/left-pad@1.0.0', expect.objectContaining({ state: 'recalled', reason: 'advisory.critical' })],
  ]);
});

it('an advisory that is withdrawn frees what it alone held', async () => {
  const purl = 'pkg:npm/left-pad@1.0.0';
  await assessed(purl, { isApproved: false });
  await bring(changed(['left-pad']));
  await begin();
  await scanned(purl);
  expect((await published()).map(({ type }) => type)).toContain('pkg.approved');
});

it('approved package versions come first, and the event counts once', async () => {
  await assessed('pkg:npm/left-pad@1.0.0', { isApproved: false });
  await assessed('pkg:npm/left-pad@2.0.0');
  const event = changed(['left-pad']);
  await bring(event);
  await bring(event);
  const waiting = await sql<{ purl: string }[]>`select purl from replay_packages order by ordinal`;
  expect(waiting.map(({ purl }) => purl)).toEqual(['pkg:npm/left-pad@2.0.0', 'pkg:npm/left-pad@1.0.0']);
  expect((await listReplays({ limit: 10 }, deps)).replays).toMatchObject([
    { packages: 2, reason: 'Advisories changed: left-pad.', by: 'advisories' },
  ]);
});

it('a package version in flight is scanned again after it, unless it saw these advisories', async () => {
  for (const name of ['early', 'late']) {
    await sql`insert into packages (purl) values (${`pkg:npm/${name}@1.0.0`})`;
    await sql`
      insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
      values (${uuidV7()}, ${`pkg:npm/${name}@1.0.0`}, 'interactive', 't', now(), now())`;
  }
  await bring(changed(['early', 'late']));
  await begin();
  expect(await published()).toEqual([]);
  const cleanOf = (version: string) => cleanScan({ advisories: { status: 'matched', version, matches: [] } });
  await scanned('pkg:npm/early@1.0.0', cleanOf('v1'));
  await scanned('pkg:npm/late@1.0.0', cleanOf('v2'));
  await begin();
  const begun = (await published()).filter(({ type }) => type === 'pkg.downloaded');
  expect(begun.map(({ subject }) => subject)).toEqual(['pkg:npm/early@1.0.0']);
  expect((await listReplays({ limit: 1 }, deps)).replays[0]).toMatchObject({
    waiting: 0,
    joined: 1,
    running: 1,
  });
});

it('too many changes to name concern every version that was compared with other advisories', async () => {
  await assessed('pkg:npm/a@1.0.0');
  await assessed('pkg:npm/b@1.0.0', { version: 'v2' });
  await assessed('pkg:pypi/a@1.0.0');
  await bring(changed(null));
  const waiting = await sql<{ purl: string }[]>`select purl from replay_packages`;
  expect(waiting.map(({ purl }) => purl)).toEqual(['pkg:npm/a@1.0.0']);
});

it('advisories of packages that are not in use begin nothing, and leave no replay behind', async () => {
  await assessed('pkg:npm/a@1.0.0');
  await bring(changed(['unused']));
  expect((await listReplays({ limit: 10 }, deps)).replays).toEqual([]);
});

it('urgent work begins while the window of bulk work is full, and is no part of it', async () => {
  await assessed('pkg:npm/left-pad@1.0.0');
  for (let index = 0; index < 250; index += 1) await assessed(`pkg:npm/many@1.0.${index}`);
  await bring(changed(['left-pad', 'many']));
  await admitAll(deps);
  expect(await published()).toEqual([]);
  expect(await admitUrgent(deps)).toBe(true);
  expect(await admitUrgent(deps)).toBe(false);
  expect(await published()).toHaveLength(100);
});
