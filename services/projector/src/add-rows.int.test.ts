import type { Tx } from '@sluice/postgres';
import { testPostgres } from '@sluice/testkit';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { addRows } from './add-rows.ts';
import { writeAll } from './write.ts';

const postgres = await testPostgres();
const sql = postgres.connect('public');
await sql`create table added (id int primary key, label text, data jsonb)`;
beforeEach(() => sql`truncate added`);

type Row = [id: number, label: string | null, data: object | null];
const added = (tx: Tx, rows: Row[]) => writeAll(addRows(tx, 'added', ['id', 'label', 'data'], rows));
const add = (rows: Row[]) => sql.begin((tx) => added(tx, rows));
/** Rows enough to be added, after those that are looked at. */
const many = Array.from({ length: 200 }, (_, index): Row => [1_000 + index, null, null]);
const stored = async () =>
  (await sql`select id, label, data from added where id < 1000 order by id`).map(({ id, label, data }) => [
    id,
    label,
    data,
  ]);

it('stores any text and any JSON as it is', async () => {
  // NUL is what Postgres stores nowhere.
  const text = fc
    .string({ unit: fc.oneof(fc.constantFrom('\\', '\n', '\r', '\t', '\\N', '\\.', '"'), fc.string()) })
    .filter((value) => value.isWellFormed() && !value.includes('\0'));
  const row = fc.tuple(fc.option(text), fc.option(fc.record({ [`a\\"\t`]: text, list: fc.array(text) })));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (values) => {
      const rows = values.map(([label, data], id): Row => [id, label, data]);
      for (const all of [rows, [...rows, ...many]]) {
        await sql`truncate added`;
        await add(all);
        expect(await stored()).toEqual(rows);
      }
    }),
    { numRuns: 50 },
  );
});

it('stores half of a surrogate pair as UTF-8 encodes it', async () => {
  const half: Row = [1, 'a\ud800b', null];
  await add([half]);
  expect(await stored()).toEqual([[1, 'a\ufffdb', null]]);
  await sql`truncate added`;
  await add([half, ...many]);
  expect(await stored()).toEqual([[1, 'a\ufffdb', null]]);
});

describe.each<[string, Row[]]>([
  ['few rows', []],
  ['many rows', many],
])('of %s', (_, more) => {
  it.each<[string, Row[], RegExp]>([
    ['that is there already', [[1, 'b', null]], /^23505$/],
    [
      'that comes twice',
      [
        [2, 'a', null],
        [2, 'a', null],
      ],
      /^23505$/,
    ],
    ['that Postgres cannot store', [[3, 'nul\0', null]], /^22/],
  ])('says what is wrong with one %s, and takes the transaction back', async (__, rows, code) => {
    await add([[1, 'a', null]]);
    const refused = { code: expect.stringMatching(code) as string };
    await expect(add([...rows, ...more])).rejects.toMatchObject(refused);
    expect(await stored()).toEqual([[1, 'a', null]]);
  });
});

it('fails with its connection', async () => {
  const failing = sql.begin(async (tx) => {
    const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    // Rows enough to be on their way when the connection goes.
    const rows = Array.from({ length: 200_000 }, (_, id): Row => [id, 'x'.repeat(100), null]);
    await Promise.all([added(tx, rows), sql`select pg_terminate_backend(${row!.pid})`]);
  });
  await expect(failing).rejects.toThrow(/\S/);
  expect(await stored()).toEqual([]);
});
