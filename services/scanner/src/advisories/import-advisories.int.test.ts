import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { names } from '@sluice/ecosystems/names';
import { testPostgres, zipOf } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { scannerMigrations } from '../migrations.ts';
import { importAdvisories } from './import-advisories.ts';
import { matchAdvisories, matchAllAdvisories } from './match-advisories.ts';

const npm = names.find(({ type }) => type === 'npm')!;
const db = await testPostgres(scannerMigrations);
const sql = db.connect('scanner');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-advisories-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => sql`truncate advisories, advisory_sets, outbox, outbox_waiting`);

function osv(id: string, name: string, fixed: string, more: object = {}) {
  return {
    id,
    modified: '2026-01-01T00:00:00Z',
    summary: `About ${name}`,
    affected: [
      {
        package: { ecosystem: 'npm', name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }],
      },
    ],
    ...more,
  };
}

async function zipFile(name: string, records: Record<string, unknown>): Promise<string> {
  const file = path.join(folder, name);
  const texts = Object.entries(records).map(([entry, record]): [string, string] => [
    entry,
    typeof record === 'string' ? record : JSON.stringify(record),
  ]);
  await writeFile(file, zipOf(Object.fromEntries(texts)));
  return file;
}

const idsOf = async (name: string, version: string) =>
  (await matchAdvisories(sql, npm, name, version)).matches.map(({ id }) => id);

test('without a set the advisories are missing, not none', async () => {
  expect(await matchAdvisories(sql, npm, 'a', '1.0.0')).toEqual({
    status: 'missing',
    version: null,
    matches: [],
  });
  expect(await matchAdvisories(sql, undefined, 'a', '1.0.0')).toMatchObject({ status: 'missing' });
  expect(await matchAdvisories(sql, { ...npm, osvName: null }, 'a', '1.0.0')).toMatchObject({
    status: 'missing',
    isCovered: false,
  });
});

test('a zip replaces the set as a whole, and junk in it is counted', async () => {
  const first = await zipFile('1.zip', {
    'A-1.json': osv('A-1', 'a', '2.0.0'),
    'A-2.json': osv('A-2', 'b', '2.0.0'),
  });
  expect(await importAdvisories(sql, first, { ecosystems: names })).toMatchObject([
    { ecosystem: 'npm', result: 'imported', recordCount: 2 },
  ]);
  expect(await idsOf('a', '1.0.0')).toEqual(['A-1']);
  expect(await idsOf('a', '2.0.0')).toEqual([]);

  const second = await zipFile('2.zip', {
    'A-2.json': osv('A-2', 'b', '3.0.0'),
    'broken.json': '{"id": 1',
    'other.json': '{"hello": true}',
    'readme.txt': 'x',
  });
  expect(await importAdvisories(sql, second, { ecosystems: names })).toMatchObject([
    { result: 'imported', recordCount: 1, junkCount: 3 },
  ]);
  expect(await idsOf('a', '1.0.0')).toEqual([]);
  expect(await idsOf('b', '2.5.0')).toEqual(['A-2']);
});

test('the same content from elsewhere changes nothing; each import is announced', async () => {
  const record = osv('A-1', 'a', '2.0.0');
  const [first] = await importAdvisories(sql, await zipFile('3.zip', { 'A-1.json': record }), {
    ecosystems: names,
  });
  const copy = path.join(folder, 'copy');
  await mkdir(copy);
  await writeFile(path.join(copy, 'A-1.json'), JSON.stringify(record));
  expect(await importAdvisories(sql, copy, { ecosystems: names })).toEqual([
    { ...first, result: 'unchanged' },
  ]);
  const facts = await sql<
    { subject: string; payload: string }[]
  >`select subject, payload from outbox order by position`;
  const imported = facts.filter(({ subject }) => subject === 'advisories.imported');
  expect(imported.map(({ payload }) => JSON.parse(payload).data.result)).toEqual(['imported', 'unchanged']);
});

/** The packages that the imports since the last look changed, event by event. */
async function changedPackages(): Promise<(string[] | null)[]> {
  const facts = await sql<{ payload: string }[]>`
    with taken as (delete from outbox where subject = 'advisories.changed' returning position, payload)
    select payload from taken order by position`;
  return facts.map(({ payload }) => JSON.parse(payload).data.packages);
}

test('an import names the packages whose advisories came, changed or went, and no others', async () => {
  const importAll = async (name: string, records: Record<string, unknown>) =>
    importAdvisories(sql, await zipFile(name, records), { ecosystems: names });
  const same = { 'A-1.json': osv('A-1', 'same', '2.0.0') };
  await importAll('c1.zip', {
    ...same,
    'A-2.json': osv('A-2', 'gone', '2.0.0'),
    'A-3.json': osv('A-3', 'wider', '2.0.0'),
  });
  expect(await changedPackages()).toEqual([['gone', 'same', 'wider']]);
  await importAll('c2.zip', {
    ...same,
    'A-3.json': osv('A-3', 'wider', '3.0.0'),
    'A-4.json': osv('A-4', 'new', '1.0.0'),
  });
  expect(await changedPackages()).toEqual([['gone', 'new', 'wider']]);
  await importAll('c2.zip', {
    ...same,
    'A-3.json': osv('A-3', 'wider', '3.0.0'),
    'A-4.json': osv('A-4', 'new', '1.0.0'),
  });
  expect(await changedPackages()).toEqual([]);
});

test('many changed packages are in several events, and too many are not named', async () => {
  const recordsOf = (count: number, fixed: string) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`A-${index}.json`, osv(`A-${index}`, `p${index}`, fixed)]),
    );
  await importAdvisories(sql, await zipFile('m1.zip', recordsOf(450, '1.0.0')), { ecosystems: names });
  expect((await changedPackages()).map((packages) => packages?.length)).toEqual([200, 200, 50]);
  await importAdvisories(sql, await zipFile('m2.zip', recordsOf(10_001, '2.0.0')), { ecosystems: names });
  expect(await changedPackages()).toEqual([null]);
});

test('a file that is no OSV export is refused and leaves the set alone', async () => {
  await importAdvisories(sql, await zipFile('4.zip', { 'A-1.json': osv('A-1', 'a', '2.0.0') }), {
    ecosystems: names,
  });
  const text = path.join(folder, 'page.html');
  await writeFile(text, '<html>');
  const damaged = await zipFile('5.zip', { 'A-9.json': osv('A-9', 'a', '2.0.0') });
  await writeFile(damaged, (await import('node:fs')).readFileSync(damaged).fill(0, 40, 60));
  for (const source of [
    text,
    path.join(folder, 'absent'),
    damaged,
    await zipFile('6.zip', { 'x.json': '{}' }),
  ]) {
    await expect(importAdvisories(sql, source, { ecosystems: names })).rejects.toMatchObject({
      code: 'advisories.invalid',
    });
  }
  expect(await idsOf('a', '1.0.0')).toEqual(['A-1']);
});

test('withdrawn records match nothing, malicious ones come first', async () => {
  const everything = { versions: ['1.0.0'] };
  await importAdvisories(
    sql,
    await zipFile('7.zip', {
      'a.json': osv('A-1', 'a', '2.0.0', { withdrawn: '2026-02-01T00:00:00Z' }),
      'b.json': osv('A-2', 'a', '2.0.0', {
        severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
      }),
      'm.json': osv('MAL-2026-1', 'a', '2.0.0', everything),
    }),
    { ecosystems: names },
  );
  expect((await matchAdvisories(sql, npm, 'a', '1.0.0')).matches).toMatchObject([
    { id: 'MAL-2026-1', malicious: true, severity: null, fixedIn: '2.0.0' },
    { id: 'A-2', malicious: false, severity: 'critical', score: 9.8 },
  ]);
});

test('many package versions are matched at once, and those that nothing affects are left out', async () => {
  const ask = (...packages: { name: string; versions: string[] }[]) =>
    matchAllAdvisories(sql, names, { type: 'npm', packages });
  expect(await ask({ name: 'a', versions: ['1.0.0'] })).toEqual({ status: 'missing', affected: [] });
  const file = await zipFile('many.zip', {
    'A.json': osv('A', 'a', '1.5.0'),
    'B.json': osv('B', 'b', '2.0.0'),
  });
  await importAdvisories(sql, file, { ecosystems: names });
  const others = Array.from({ length: 2_500 }, (_, index) => ({
    name: `other-${index}`,
    versions: ['1.0.0'],
  }));
  const found = await ask({ name: 'a', versions: ['1.0.0', '1.5.0', '1.0.0'] }, ...others, {
    name: 'b',
    versions: ['1.0.0'],
  });
  expect(found.status).toBe('matched');
  expect(
    found.affected.map(({ name, version, matches }) => [name, version, matches.map(({ id }) => id)]),
  ).toEqual([
    ['a', '1.0.0', ['A']],
    ['b', '1.0.0', ['B']],
  ]);
  expect(await ask()).toEqual({ status: 'matched', affected: [] });
  expect(await matchAllAdvisories(sql, names, { type: 'none', packages: [] })).toMatchObject({
    status: 'missing',
  });
});
