import type { Tx } from '@sluice/postgres';
import type { Write } from './write.ts';

/** A column's value; objects are JSON. */
export type RowValue = string | number | boolean | object | null;

/**
 * COPY costs Postgres less than half of an INSERT, and three round trips, which an INSERT shares with other writes.
 */
const insertedMax = 50;

/** Adds rows to a table. Rows that are there already are an error. */
export function addRows(tx: Tx, table: string, columns: string[], rows: RowValue[][]): Write[] {
  if (rows.length === 0) return [];
  if (rows.length > insertedMax) return [{ alone: true, send: () => copyRows(tx, table, columns, rows) }];
  return [{ send: () => insertRows(tx, table, columns, rows) }];
}

/** One parameter, so that one prepared statement serves any number of rows. */
function insertRows(tx: Tx, table: string, columns: string[], rows: RowValue[][]): PromiseLike<unknown> {
  const objects = rows.map((row) =>
    Object.fromEntries(row.map((value, index) => [columns[index]!, toStorable(value)])),
  );
  const names = columns.join(', ');
  return tx.unsafe(
    `insert into ${table} (${names})
    select ${names} from json_populate_recordset(null::${table}, $1::text::json)`,
    [JSON.stringify(objects)],
    { prepare: true },
  );
}

/** As UTF-8, which COPY sends, has it: JSON could name half of a surrogate pair, which Postgres refuses. */
function toStorable(value: RowValue): RowValue {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

async function copyRows(tx: Tx, table: string, columns: string[], rows: RowValue[][]): Promise<void> {
  const text = rows.map((row) => `${row.map(toField).join('\t')}\n`).join('');
  const query = tx.unsafe(`copy ${table} (${columns.join(', ')}) from stdin`);
  const stream = await query.writable();
  await new Promise<void>((resolve, reject) => {
    // The driver tells a failure to the query, which was answered with the stream long ago, and never ends the stream.
    void Object.assign(query, { reject });
    stream.once('error', reject).once('finish', resolve).end(text);
  });
}

const special = /[\\\n\r\t]/;
const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text format of COPY. Source: Postgres documentation, "COPY", "Text Format". */
export function toField(value: RowValue): string {
  if (value === null) return '\\N';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return special.test(text) ? text.replace(/[\\\n\r\t]/g, (character) => escapes[character]!) : text;
}
