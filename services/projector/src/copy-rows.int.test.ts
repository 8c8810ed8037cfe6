import { testPostgres } from '@sluice/testkit';
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { copyRows } from './copy-rows.ts';

const postgres = await testPostgres();
const sql = postgres.connect('public');
await sql`create table copied (id int primary key, label text, data jsonb)`;
beforeEach(() => sql`truncate copied`);

const copy = (rows: [number, string | null, object | null][]) =>
  sql.begin((tx) => copyRows(tx, 'copied (id, label, data)', rows));
const stored = async () =>
  (await sql`select id, label, data from copied order by id`).map(({ id, label, data }) => [id, label, data]);

it('stores any text and any JSON as it is', async () => {
  // NUL is what Postgres stores nowhere.
  const text = fc
    .string({ unit: fc.oneof(fc.constantFrom('\\', '\n', '\r', '\t', '\\N', '\\.', '"'), fc.string()) })
    .filter((value) => value.isWellFormed() && !value.includes('\0'));
  const row = fc.tuple(fc.option(text), fc.option(fc.record({ [`a\\"\t`]: text, list: fc.array(text) })));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (values) => {
      const rows = values.map(([label, data], id): [number, string | null, object | null] => [
        id,
        label,
        data,
      ]);
      await sql`truncate copied`;
      await copy(rows);
      expect(await stored()).toEqual(rows);
    }),
    { numRuns: 50 },
  );
});

it.each<[string, [number, string | null, object | null][], string]>([
  ['that is there already', [[1, 'b', null]], '23505'],
  [
    'that comes twice',
    [
      [2, 'a', null],
      [2, 'a', null],
    ],
    '23505',
  ],
  ['that Postgres cannot store', [[3, 'nul\0', null]], '22021'],
])('says what is wrong with a row %s, and takes the transaction back', async (_, rows, code) => {
  await copy([[1, 'a', null]]);
  await expect(copy(rows)).rejects.toMatchObject({ code });
  expect(await stored()).toEqual([[1, 'a', null]]);
});

it('fails with its connection', async () => {
  const failing = sql.begin(async (tx) => {
    const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    // Rows enough to be on their way when the connection goes.
    const rows = Array.from({ length: 200_000 }, (_, id) => [id, 'x'.repeat(100), null]);
    await Promise.all([
      copyRows(tx, 'copied (id, label, data)', rows),
      sql`select pg_terminate_backend(${row!.pid})`,
    ]);
  });
  await expect(failing).rejects.toThrow(/\S/);
  expect(await stored()).toEqual([]);
});
