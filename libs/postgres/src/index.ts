/** Postgres: connections and migrations. */
export * from './client.ts';
export * from './columns-of.ts';
export * from './migrate.ts';
export * from './open-postgres.ts';
export type { Sql, Tx } from './sql.ts';
export * from './transient.ts';
