import { columnsOf, type ColumnValue, type Tx } from '@sluice/postgres';
import type { Write } from './write.ts';

/** A column of a table, and its value in a row. */
export interface Column<Row> {
  name: string;
  type: string;
  of: (row: Row) => ColumnValue;
}

/**
 * Writes rows of a table that are there already anew.
 * @param keys names of the columns by which a row is found.
 */
export function updateRows<Row>(
  tx: Tx,
  table: string,
  keys: string[],
  columns: Column<Row>[],
  rows: Row[],
): Write[] {
  if (rows.length === 0) return [];
  const column = columnsOf(tx, rows);
  const names = columns.map(({ name }) => name);
  const changing = columns.filter(({ name }) => !keys.includes(name));
  const assignments = changing.map(({ name, type }) => `${name} = e.${name}::${type}`);
  const isSame = keys.map((key) => `t.${key} = e.${key}`).join(' and ');
  const texts = columns.map(({ of }, index) => (index === 0 ? column(of) : tx`, ${column(of)}`));
  const send = () => tx`
    update ${tx.unsafe(table)} t set ${tx.unsafe(assignments.join(', '))}
    from unnest(${texts}) as e (${tx.unsafe(names.join(', '))})
    where ${tx.unsafe(isSame)}`;
  return [{ send }];
}
