import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { columnsOf } from './columns-of.ts';

const postgres = await testPostgres();
const sql = postgres.connect('public');

it.each<[string, (string | number | null)[]]>([
  ['nothing', []],
  ['one text', ['a']],
  ['texts', ['a', 'b, {c} "d" \\e', "f'g", '\t\r', 'é€🚀']],
  ['null beside texts', [null, 'a', null]],
  ['nothing but null', [null]],
  ['null alone, twice', [null, null]],
  ['a text that is empty', ['a', '', null]],
  ['a line break', ['a\nb', 'c']],
  ['as many line breaks as there are rows', ['\n', null]],
  ['the word null', ['NULL', 'null', null]],
  ['numbers', [1, 0, -2.5, null]],
])('%s stays what it is', async (_, values) => {
  const column = columnsOf(sql, values);
  const rows = await sql<{ text: string | null }[]>`
    select text from unnest(${column((value) => value)}) with ordinality as e (text, n) order by n`;
  expect(rows.map(({ text }) => text)).toEqual(
    values.map((value) => (value === null ? null : String(value))),
  );
});

it('makes JSON of objects', async () => {
  const documents = [{ text: 'a\n"b" \\', list: [1, null] }, [], {}];
  const column = columnsOf(sql, documents);
  const rows = await sql<{ document: object }[]>`
    select document from unnest(${column((document) => document)}::json[]) with ordinality as e (document, n) order by n`;
  expect(rows.map(({ document }) => document)).toEqual(documents);
});
