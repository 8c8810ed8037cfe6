import postgres from 'postgres';
import { ConnectionWatch, endWithConnection } from './lost-connections.ts';
import type { Sql } from './sql.ts';
import { tlsOf } from './tls-of.ts';
import { undelayedSockets } from './undelayed-socket.ts';

export interface PostgresOptions {
  /** May ask for TLS; see `tlsOf`. */
  url: string;
  /** Shown in pg_stat_activity. */
  service: string;
  /** Schema that unqualified names resolve to; a service sees its own and no other. */
  schema: string;
  /** Connections at most. */
  pool?: number;
  /** Longest that one statement may take, in milliseconds. */
  statementTimeoutMs?: number;
  /** Further settings of its sessions, such as `synchronous_commit`. */
  settings?: Record<string, string>;
}

/**
 * For sessions whose statements all find their rows by a key. A plan that was made while a table was small reads all of
 * the table each time, and is kept while the table grows.
 */
export const byKeySettings = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  // The settings above raise cost estimates, at which Postgres would compile queries first.
  jit: 'off',
};

/** A statement that takes longer than this waits for a lock that is not coming; the message is tried again later. */
const defaultStatementTimeoutMs = 10_000;

/**
 * A connection pool for one service's schema. It connects at the first query and again after every loss.
 * @throws PermanentError `config.invalid` when the address asks for TLS in a way that cannot be had.
 */
export function createPostgres(options: PostgresOptions): Sql {
  const { service, schema, pool = 6, statementTimeoutMs = defaultStatementTimeoutMs } = options;
  const { url, ssl } = tlsOf(options.url);
  const watch = new ConnectionWatch();
  const sql = postgres(url, {
    ...(ssl ? { ssl } : {}),
    max: pool,
    connect_timeout: 5,
    // Recycled now and then, so that a pool spreads again after a failover.
    max_lifetime: 60 * 30,
    // A pool that waits minutes before it tries again would outlast the outage that it waits for.
    backoff: (tries) => Math.min(0.1 * 2 ** tries, 2),
    onnotice: () => {},
    onclose: watch.closed,
    // Documented, and missing from the driver's types.
    ...({ socket: undelayedSockets() } as object),
    connection: {
      application_name: `sluice-${service}`,
      search_path: schema,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: 60_000,
      lock_timeout: statementTimeoutMs,
      ...options.settings,
    },
    types: {
      // Counts and stream sequences stay far below 2^53; as text they would only be parsed by hand everywhere.
      bigint: { to: 20, from: [20], parse: Number, serialize: String },
    },
  }) as unknown as Sql;
  endWithConnection(sql, watch);
  return sql;
}
