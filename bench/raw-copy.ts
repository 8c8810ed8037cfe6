import { readSchema } from '@sluice/projector';
import type { Sql } from '@sluice/postgres';

const schema = 'copied';

/**
 * Writes the rows of all read models once more with COPY, from the server's own files, into tables of the same columns
 * without an index: a lower bound for the cost of writing them.
 * @returns seconds.
 */
export async function rawCopy(sql: Sql): Promise<number> {
  await sql.unsafe(`drop schema if exists ${schema} cascade; create schema ${schema}`);
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = ${readSchema} and table_type = 'BASE TABLE' order by 1`;
  const [server] = await sql<{ folder: string }[]>`select current_setting('data_directory') as folder`;
  const fileOf = (table: string) => `'${server!.folder}/${table}.copy'`;
  for (const { name } of tables) {
    await sql.unsafe(`create table ${schema}.${name} (like ${readSchema}.${name})`);
    await sql.unsafe(`copy ${readSchema}.${name} to ${fileOf(name)}`);
  }
  const started = performance.now();
  for (const { name } of tables) await sql.unsafe(`copy ${schema}.${name} from ${fileOf(name)}`);
  return (performance.now() - started) / 1_000;
}
