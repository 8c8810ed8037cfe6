import { columnsOf, type ColumnValue, type Tx } from '@sluice/postgres';
import type { Write } from './write.ts';

/** A column of a table, and its value in a row. */
export interface Column<Row> {
  name: string;
  type: string;
  of: (row: Row) => ColumnValue;
}

/** Writes rows of a table that are there already anew, found by its first column. */
export function updateRows<Row>(tx: Tx, table: string, columns: Column<Row>[], rows: Row[]): Write[] {
  if (rows.length === 0) return [];
  const column = columnsOf(tx, rows);
  const names = columns.map(({ name }) => name);
  const assignments = columns.slice(1).map(({ name, type }) => `${name} = e.${name}::${type}`);
  const texts = columns.map(({ of }, index) => (index === 0 ? column(of) : tx`, ${column(of)}`));
  const send = () => tx`
    update ${tx.unsafe(table)} t set ${tx.unsafe(assignments.join(', '))}
    from unnest(${texts}) as e (${tx.unsafe(names.join(', '))})
    where t.${tx.unsafe(names[0]!)} = e.${tx.unsafe(names[0]!)}`;
  return [{ send }];
}
