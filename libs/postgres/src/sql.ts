import type postgres from 'postgres';

/** A pool of connections. */
export type Sql = postgres.Sql;
/** A transaction of one of them. */
export type Tx = postgres.TransactionSql;
