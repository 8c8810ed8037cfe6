import type { Sql } from '@sluice/postgres';

/**
 * Drops the indexes of a schema's tables, primary keys apart: filling them row by row costs several times as much as making
 * them of all rows at once.
 * @returns a function that makes them again.
 */
export async function putOffIndexes(sql: Sql, schema: string): Promise<() => Promise<void>> {
  const indexes = await sql<{ drop: string; create: string }[]>`
    select case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
        else format('alter table %s drop constraint %I', i.indrelid::regclass, c.conname) end as drop,
      case when c.oid is null then pg_get_indexdef(i.indexrelid)
        else format('alter table %s add constraint %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) end as create
    from pg_index i join pg_class t on t.oid = i.indrelid left join pg_constraint c on c.conindid = i.indexrelid
    where t.relnamespace = ${schema}::regnamespace and not i.indisprimary`;
  for (const { drop } of indexes) await sql.unsafe(drop);
  return async () => {
    await Promise.all(indexes.map(({ create }) => sql.unsafe(create)));
  };
}
