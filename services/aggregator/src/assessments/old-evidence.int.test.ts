import { readFile } from 'node:fs/promises';
import {
  decodeData,
  pkgDownloaded,
  pkgLicensed,
  pkgScanned,
  uuidV7,
  type EventDefinition,
  type SluiceEvent,
} from '@sluice/contracts';
import { migrate } from '@sluice/postgres';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { beforeAll, expect, it } from 'vitest';
import { aggregatorMigrations } from '../service.ts';
import { submitItems, testDeps, testItem } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres();
const sql = postgres.connect('aggregator');
const deps = testDeps(sql);
const traceparent = `00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`;

/** Evidence of one stage as assessments kept it before a package version had files. */
type Part = Record<string, unknown>;
interface OldEvidence {
  license?: Part;
  download?: Part;
  scan?: Part;
}

async function oldFixture(type: string): Promise<SluiceEvent<OldEvidence>> {
  const url = new URL(`../../../../libs/contracts/fixtures/${type}.v1.json`, import.meta.url);
  return JSON.parse(await readFile(url, 'utf8')) as SluiceEvent<OldEvidence>;
}
const { license, download } = (await oldFixture('pkg.downloaded')).data as Required<OldEvidence>;
const { scan } = (await oldFixture('pkg.scanned')).data as Required<OldEvidence>;
const dist = license.dist as Part;
const sha512 = (download.digests as { sha512: string }).sha512;

interface Row extends OldEvidence {
  purl: string;
  state: 'running' | 'assessed' | 'failed' | 'cancelled';
  stage: 'license' | 'download' | 'scan';
}
const all = { license, download, scan };
const hex = '01'.repeat(20);
const withDist = (changes: Part) => ({ ...license, dist: { ...dist, ...changes } });
const ofName = (purl: string) => ({ purl, state: 'assessed', stage: 'scan', ...all }) as const;
const rows: Row[] = [
  ofName('pkg:npm/plain@1.0.0'),
  ofName('pkg:npm/%40scope/name@2.0.0-beta.1'),
  ofName('pkg:npm/build@1.0.0%2Bsha.5'),
  { ...ofName('pkg:npm/sha1-only@1.0.0'), license: withDist({ integrity: null, shasum: hex.toUpperCase() }) },
  { ...ofName('pkg:npm/no-hash@1.0.0'), license: withDist({ integrity: null, shasum: null }) },
  {
    ...ofName('pkg:npm/options@1.0.0'),
    license: withDist({ integrity: `${String(dist.integrity)}?opt sha3-AA` }),
  },
  {
    ...ofName('pkg:npm/deprecated@1.0.0'),
    license: { ...license, deprecated: 'Use another.', installScripts: [] },
  },
  {
    ...ofName('pkg:npm/no-bytes@1.0.0'),
    download: { ...download, status: 'missing', detail: 'gone', digests: null, artifactDigest: null },
    scan: { ...scan, status: 'missing', findings: [], reportDigest: null },
  },
  { purl: 'pkg:npm/begun@1.0.0', state: 'running', stage: 'license' },
  { purl: 'pkg:npm/licensed@1.0.0', state: 'running', stage: 'download', license },
  { purl: 'pkg:npm/downloaded@1.0.0', state: 'running', stage: 'scan', license, download },
  { purl: 'pkg:npm/failed-late@1.0.0', state: 'failed', stage: 'scan', license, download },
  { purl: 'pkg:npm/failed-early@1.0.0', state: 'failed', stage: 'license' },
  { purl: 'pkg:npm/cancelled@1.0.0', state: 'cancelled', stage: 'download', license },
];

/** What an event of version 1 with the evidence of a row is read as. */
function readAsEvent(row: Row) {
  const read = <Data>(definition: EventDefinition<Data>, evidence: OldEvidence) => {
    const about = { purl: row.purl, assessmentId: uuidV7(), lane: 'bulk', attempt: 1 };
    const event = exampleEvent('pkg.requested') as SluiceEvent;
    return decodeData(definition, {
      ...event,
      type: definition.type,
      dataversion: 1,
      data: { ...about, ...evidence },
    }).data;
  };
  const none = { registry: null, license: null, download: null, scan: null };
  if (!row.license) return none;
  const stated = read(pkgLicensed, { license: row.license }).evidence;
  if (!row.download) return { ...none, ...stated };
  const fetched = read(pkgDownloaded, { license: row.license, download: row.download }).evidence;
  return { ...none, ...fetched, ...(row.scan && read(pkgScanned, { scan: row.scan }).evidence) };
}

beforeAll(async () => {
  const [delivery, tables] = aggregatorMigrations as [
    (typeof aggregatorMigrations)[0],
    (typeof aggregatorMigrations)[0],
  ];
  await migrate(sql, delivery);
  await migrate(sql, { ...tables, upTo: '0018' });
  const json = (value: object | undefined) => (value ? JSON.stringify(value) : null);
  const verdict = {
    outcome: 'approve',
    reasons: [],
    policyVersion: deps.scopes.get('default')!.digest,
    judgedAt: '2026-03-01T09:30:03.000Z',
  };
  for (const row of rows) {
    const id = uuidV7();
    const isAssessed = row.state === 'assessed';
    await sql`
      insert into assessments (id, purl, lane, state, stage, traceparent, requested_at, deadline_at, ended_at,
        license, download, scan, verdict, failure)
      values (${id}, ${row.purl}, 'bulk', ${row.state}, ${row.stage}, ${traceparent}, now(), now(),
        ${row.state === 'running' ? null : new Date()}, ${json(row.license)}::text::json, ${json(row.download)}::text::json,
        ${json(row.scan)}::text::json, ${json(isAssessed ? verdict : undefined)}::text::json,
        ${json(row.state === 'failed' ? { stage: row.stage, code: 'stuck', detail: 'x' } : undefined)}::text::jsonb)`;
    const first = row.download?.digests ? sha512 : null;
    await sql`
      insert into packages (purl, assessment_id, assessed_at, first_sha512)
      values (${row.purl}, ${isAssessed ? id : null}, ${isAssessed ? new Date() : null}, ${isAssessed ? first : null})`;
  }
  await migrate(sql, tables);
});

it.each(rows)('evidence of $purl ($state) equals that of an event of version 1 with it', async (row) => {
  const [found] =
    await sql`select registry, license, download, scan from assessments where purl = ${row.purl}`;
  expect({ ...found }).toEqual(readAsEvent(row));
});

it('the first bytes of a package version are those of its file', async () => {
  const found = await sql<
    { purl: string; file: string }[]
  >`select purl, file, sha512 from package_files order by purl`;
  const fileOf: Record<string, string> = {
    'pkg:npm/%40scope/name@2.0.0-beta.1': 'name-2.0.0-beta.1.tgz',
    'pkg:npm/build@1.0.0%2Bsha.5': 'build-1.0.0+sha.5.tgz',
  };
  const expected = rows
    .filter(({ state, download: fetched }) => state === 'assessed' && fetched?.digests)
    .map(({ purl }) => ({ purl, file: fileOf[purl] ?? `${purl.slice(8).replace('@', '-')}.tgz`, sha512 }));
  expect(found.toSorted((a, b) => (a.purl < b.purl ? -1 : 1))).toEqual(
    expected.toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
  );
});

it('an item is credited with a verdict from before, and its pins are compared with the bytes from before', async () => {
  const pinned = (hash: string) => testItem('plain', { pins: [{ algorithm: 'sha512', hex: hash }] });
  const items = [testItem('plain'), pinned(sha512), pinned('f'.repeat(128))];
  const requestId = await submitItems(deps, items);
  const ended = await sql<
    { outcome: string }[]
  >`select outcome from items where request_id = ${requestId} order by ordinal`;
  expect(ended.map(({ outcome }) => outcome)).toEqual(['approve', 'approve', 'reject']);
});
