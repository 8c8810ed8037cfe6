import { postgresRights, roleName, type SchemaRights } from './postgres-rights.ts';

/** Written by migrations alone. */
const migrationsTable = 'schema_migrations';

/**
 * What the services may do in a schema whose tables are up to date, for its owner to run in one transaction: everything
 * that was granted before is taken back first.
 */
export function grantsSql(schema: string, prefix?: string): string {
  const rights = postgresRights.find((one) => one.schema === schema);
  if (!rights) throw new Error(`Nothing is known of the schema ${schema}.`);
  return [...writes(rights, prefix), ...reads(rights, prefix)].join('\n');
}

function writes({ schema, writer, appendOnly = [] }: SchemaRights, prefix?: string): string[] {
  if (writer === undefined) return [];
  const role = roleName(writer, prefix);
  const tables = [migrationsTable, ...appendOnly];
  return [
    `revoke all on all tables in schema ${schema} from ${role};`,
    `grant usage on schema ${schema} to ${role};`,
    `grant select, insert, update, delete on all tables in schema ${schema} to ${role};`,
    `grant usage on all sequences in schema ${schema} to ${role};`,
    ...tables.map((table) => `revoke update, delete on ${schema}.${table} from ${role};`),
    `revoke insert on ${schema}.${migrationsTable} from ${role};`,
  ];
}

function reads({ schema, reader }: SchemaRights, prefix?: string): string[] {
  if (reader === undefined) return [];
  const role = roleName(reader, prefix);
  return [
    `revoke all on all tables in schema ${schema} from ${role};`,
    `grant usage on schema ${schema} to ${role};`,
    `grant select on all tables in schema ${schema} to ${role};`,
  ];
}
