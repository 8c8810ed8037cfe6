import { aggregatorMigrations } from '@sluice/aggregator';
import { gatewayMigrations } from '@sluice/gateway';
import { importerMigrations } from '@sluice/importer';
import { notifierMigrations } from '@sluice/notifier';
import { migrate, type Sql } from '@sluice/postgres';
import { archiveMigrations, projectorMigrations } from '@sluice/projector';
import { grantsSql, ownerRole, postgresRights } from '@sluice/rights';
import { scannerMigrations } from '@sluice/scanner';

const migrations = [
  ...gatewayMigrations,
  ...importerMigrations,
  ...notifierMigrations,
  ...aggregatorMigrations,
  ...scannerMigrations,
  projectorMigrations,
  archiveMigrations,
];

/**
 * Brings the tables of all services up to date. Where the schemas have owners (`postgresSetupSql`), it acts as them, and
 * gives the services their rights anew.
 * @param options.prefix of the names of roles.
 * @returns what was applied, as `schema/file`.
 */
export async function migrateInstallation(
  sql: Sql,
  { prefix }: { prefix?: string | undefined } = {},
): Promise<string[]> {
  const applied: string[] = [];
  for (const rights of postgresRights) {
    const { schema } = rights;
    const role = ownerRole(rights, prefix);
    const [owned] = await sql`select 1 from pg_roles where rolname = ${role}`;
    const owner = owned && role;
    for (const one of migrations.filter((each) => each.schema === schema)) {
      const files = await migrate(sql, { ...one, owner });
      applied.push(...files.map((file) => `${schema}/${file}`));
    }
    if (!owner) continue;
    await sql.begin(async (tx) => {
      await tx.unsafe(`set local role "${owner}"`);
      await tx.unsafe(grantsSql(schema, prefix));
    });
  }
  return applied;
}
