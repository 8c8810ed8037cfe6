import type { PostgresConfig, ServiceContext } from '@sluice/runtime';
import { createPostgres, type PostgresOptions } from './client.ts';
import type { Sql } from './sql.ts';
import { migrate } from './migrate.ts';

export interface OpenPostgresOptions extends Pick<PostgresOptions, 'schema' | 'settings'> {
  /** Of the service's own schemas, applied before it is returned; none for a schema of another service. */
  migrations?: { schema: string; folder: URL }[];
  /** Name of the pool among the service's; `postgres` unless given. */
  name?: string;
}

/**
 * A service's pool for one schema, closed when the service stops. With migrations it is part of the readiness: a check of
 * another service's schema is the caller's.
 */
export async function openPostgres(
  context: Pick<ServiceContext<PostgresConfig>, 'name' | 'config' | 'health' | 'onStop'>,
  { schema, settings, migrations = [], name = 'postgres' }: OpenPostgresOptions,
): Promise<Sql> {
  const { config, health, onStop } = context;
  const sql = createPostgres({
    url: config.DATABASE_URL,
    service: context.name,
    schema,
    pool: config.DATABASE_POOL,
    ...(settings ? { settings } : {}),
  });
  onStop(name, () => sql.end({ timeout: 5 }));
  for (const one of migrations) await migrate(sql, { ...one, mayApply: config.MIGRATE === 'auto' });
  if (migrations.length > 0) health.add(name, async () => ({ ok: (await sql`select 1`).length === 1 }));
  return sql;
}
