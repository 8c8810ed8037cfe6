import { ownerRole, postgresRights, postgresUsers, roleName, type PostgresUser } from './postgres-rights.ts';
import { scramVerifier } from './scram-verifier.ts';

export interface PostgresSetup {
  database: string;
  /** By user; users that are left out keep the one that they have. */
  passwords: Partial<Record<PostgresUser, string>>;
  /** See `defaultRolePrefix`. */
  prefix?: string | undefined;
}

/** More than the pools of several replicas, less than a cluster has. */
const connectionsMax = 60;

/**
 * Makes roles and schemas with their owners, for a database that is new or that one role owned until now. Repeating it
 * changes nothing. It is to be run by a superuser, or by a role that may create roles and owns the database.
 * @returns statements without a secret: of passwords they have verifiers.
 */
export function postgresSetupSql({ database, passwords, prefix }: PostgresSetup): string {
  const named = (name: string) => quoted(roleName(name, prefix));
  const owners = [...new Set(postgresRights.map((rights) => ownerRole(rights, prefix)))];
  const logins = postgresUsers.map((user) => roleName(user, prefix));
  return [
    ...[...new Set([...owners, ...logins])].map(createRole),
    ...postgresUsers.flatMap((user) => loginOf(named(user), passwords[user])),
    ...owners
      .map((owner) => `grant ${quoted(owner)} to ${named('migrate')}, current_user;`)
      .filter((line) => !line.startsWith(`grant ${named('migrate')} `)),
    `revoke all on database ${quoted(database)} from public;`,
    'revoke all on schema public from public;',
    `grant connect, temporary on database ${quoted(database)} to ${[...new Set([...owners, ...logins])].map(quoted).join(', ')};`,
    // A rebuild of the read models makes a schema.
    `grant create on database ${quoted(database)} to ${named('projector')};`,
    ...postgresRights.flatMap((rights) => ownedBy(rights.schema, ownerRole(rights, prefix))),
  ].join('\n');
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

const createRole = (role: string) =>
  `do $$ begin create role ${quoted(role)} nologin; exception when duplicate_object then null; end $$;`;

function loginOf(role: string, password: string | undefined): string[] {
  return [
    `alter role ${role} login connection limit ${connectionsMax};`,
    ...(password === undefined ? [] : [`alter role ${role} password ${literal(scramVerifier(password))};`]),
  ];
}

/** Also of tables that another role made before there were owners. */
function ownedBy(schema: string, owner: string): string[] {
  return [
    `do $$ declare one record; begin
  if to_regnamespace(${literal(schema)}) is null then create schema ${quoted(schema)} authorization ${quoted(owner)}; end if;
  for one in select format('schema %I', nspname) as what from pg_namespace where nspname = ${literal(schema)}
    union all select format('%s %s', case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, oid::regclass)
      from pg_class where relnamespace = to_regnamespace(${literal(schema)}) and relkind in ('r', 'p', 'v', 'S')
        and not exists (select 1 from pg_depend where objid = pg_class.oid and deptype = 'i')
  loop execute format('alter %s owner to %I', one.what, ${literal(owner)}); end loop;
end $$;`,
  ];
}
