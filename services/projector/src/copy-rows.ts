import type { Tx } from '@sluice/postgres';

/** A column's value; objects are JSON. */
export type CopyValue = string | number | boolean | object | null;

/**
 * Adds rows to a table with COPY, which costs Postgres less than half of what INSERT does. Rows that are there already
 * are an error.
 * @param target table and columns, `timeline (position, at)`.
 */
export async function copyRows(tx: Tx, target: string, rows: CopyValue[][]): Promise<void> {
  if (rows.length === 0) return;
  const text = rows.map((row) => `${row.map(toField).join('\t')}\n`).join('');
  const query = tx.unsafe(`copy ${target} from stdin`);
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
export function toField(value: CopyValue): string {
  if (value === null) return '\\N';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return special.test(text) ? text.replace(/[\\\n\r\t]/g, (character) => escapes[character]!) : text;
}
