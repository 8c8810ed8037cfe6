import { readIntegrity, uuidV7, type SubmissionItem } from '@sluice/contracts';
import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { endFailed } from '../assessments/end-assessments.ts';
import { aggregatorMigrations } from '../service.ts';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import { transact } from '../transact.ts';
import {
  admitAll,
  bringEvidence,
  scopesOf,
  submitItems,
  testDeps,
  testItem as item,
} from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const deps = testDeps(sql);
const hashes = { sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512: '0'.repeat(128) };
const pin = `sha512-${Buffer.from(hashes.sha512, 'hex').toString('base64')}`;

/** An item as a lockfile's reader makes it of an entry with this integrity. */
function pinned(name: string, integrity: string, notes: SubmissionItem['notes'] = []): SubmissionItem {
  const read = readIntegrity(integrity);
  return item(name, { pins: read.pins, notes: read.note ? [...notes, read.note] : notes });
}

const note = (code: string) => [{ code, message: `says ${code}` }];

async function submit(items: SubmissionItem[], of = deps): Promise<string> {
  const requestId = await submitItems(of, items);
  await admitAll(of);
  return requestId;
}

async function running(name: string): Promise<Assessment> {
  const [row] = await sql<Assessment[]>`
    select ${sql.unsafe(assessmentColumns)} from assessments where purl = ${`pkg:npm/${name}@1.0.0`} and state = 'running'`;
  return row!;
}

async function assess(name: string, of = deps): Promise<void> {
  const { id, purl } = await running(name);
  await bringEvidence(of, purl, id, { download: { digests: hashes } });
}

type Code = 'registry.version-not-found' | 'stuck';
const fail = (name: string, code: Code) => failTogether({ [name]: code });

async function failTogether(codes: Record<string, Code>): Promise<void> {
  const failed = await Promise.all(
    Object.entries(codes).map(async ([name, code]) => ({
      assessment: await running(name),
      failure: { stage: 'license' as const, code, detail: 'gone' },
    })),
  );
  await transact(deps, 'test', (tx) => endFailed(tx, failed, deps, true));
}

const outcomes = async (requestId: string) =>
  (
    await sql<
      { outcome: string | null }[]
    >`select outcome from items where request_id = ${requestId} order by ordinal`
  ).map(({ outcome }) => outcome);

it('an item is judged by its own pin and address as well, and only that item', async () => {
  const requestId = await submit([
    item('own'),
    pinned('own', pin),
    item('own', { notes: note('source.unpinned') }),
    item('own', { notes: note('source.contradiction') }),
    item('own', { notes: note('source.own-lockfile') }),
    pinned('own', pin, note('resolved.elsewhere')),
    pinned('own', 'nonsense'),
    pinned('own', 'sha3-AAAA'),
    pinned('own', `${pin} sha512-AAAA`),
    // An installer takes either of two contents.
    pinned('own', `${pin} sha512-${Buffer.alloc(64, 7).toString('base64')}`),
    pinned('own', `sha512-${Buffer.alloc(64, 7).toString('base64')}`),
    // The evidence has no such hash to compare with.
    pinned('own', `sha384-${Buffer.alloc(48, 7).toString('base64')}`),
  ]);
  await assess('own');
  expect(await outcomes(requestId)).toEqual([
    'approve',
    'approve',
    'review',
    'review',
    'review',
    'approve',
    'review',
    'review',
    'review',
    'review',
    'reject',
    'review',
  ]);
  // The same holds for what is credited later.
  const credited = await submit([item('own', { notes: note('source.unpinned') }), item('own')]);
  expect(await outcomes(credited)).toEqual(['review', 'approve']);
  const [row] = await sql<{ payload: string }[]>`
    select payload from outbox where payload like ${`%${credited}%`} and payload like '%request.progressed%'`;
  const [told] = (JSON.parse(row!.payload) as { data: { items: { reasons: object[] }[] } }).data.items;
  expect(told!.reasons).toMatchObject([
    { code: 'source.unpinned', outcome: 'review', message: 'says source.unpinned' },
  ]);
});

it('the policy has the outcome of each', async () => {
  const scopes = scopesOf({
    default:
      'version: 1\nname: p\nsource: { unpinned: reject, contradiction: approve }\nintegrity: { unreadable: reject }',
  });
  const strict = { ...deps, scopes };
  const requestId = await submit(
    [
      item('by-policy', { notes: note('source.unpinned') }),
      item('by-policy', { notes: note('source.contradiction') }),
      pinned('by-policy', 'nonsense'),
    ],
    strict,
  );
  await assess('by-policy', strict);
  expect(await outcomes(requestId)).toEqual(['reject', 'approve', 'reject']);
});

it('a bundled package that no registry has takes the outcome of what holds it', async () => {
  const bundledIn = 'pkg:npm/parent@1.0.0';
  const requestId = await submit([
    item('parent'),
    item('inner', { bundled: true, bundledIn }),
    item('inner'),
  ]);
  await fail('inner', 'registry.version-not-found');
  // An item that is not bundled fails all the same.
  expect(await outcomes(requestId)).toEqual([null, null, 'failed']);
  await assess('parent');
  expect(await outcomes(requestId)).toEqual(['approve', 'approve', 'failed']);
  // Also when what holds it is known already.
  const later = await submit([item('parent'), item('inner', { bundled: true, bundledIn })]);
  await fail('inner', 'registry.version-not-found');
  expect(await outcomes(later)).toEqual(['approve', 'approve']);
});

it('a bundled package that fails for another reason has failed', async () => {
  const bundledIn = 'pkg:npm/parent@1.0.0';
  const requestId = await submit([item('stuck', { bundled: true, bundledIn })]);
  await fail('stuck', 'stuck');
  expect(await outcomes(requestId)).toEqual(['failed']);
});

it('items of a bundled package that fails together with what holds it end once', async () => {
  const bundledIn = 'pkg:npm/outer@1.0.0';
  await submit([item('outer')]);
  await assess('outer');
  // Assessed anew, while its verdict is still one to credit.
  await sql`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    select ${uuidV7()}, purl, lane, traceparent, now(), now() from assessments where purl = ${bundledIn}`;
  const requestId = await submit([item('outer'), item('core', { bundled: true, bundledIn })]);
  await failTogether({ core: 'registry.version-not-found', outer: 'stuck' });
  expect(await outcomes(requestId)).toEqual(['failed', 'failed']);
  expect(await sql`select state, open_items as open, counts from requests where id = ${requestId}`).toEqual([
    { state: 'completed', open: 0, counts: { failed: 2 } },
  ]);
});
