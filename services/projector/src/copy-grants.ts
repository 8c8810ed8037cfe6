import type { Tx } from '@sluice/postgres';

/** Gives the roles that may read or write a schema the same rights to another one, for the tables that both have. */
export async function copyGrants(tx: Tx, { from, to }: { from: string; to: string }): Promise<void> {
  const grants = await tx<{ statement: string }[]>`
    select format('grant %s on schema %I to %I', acl.privilege_type, ${to}::text, role.rolname) as statement
    from pg_namespace as space, aclexplode(space.nspacl) as acl, pg_roles as role
    where space.nspname = ${from} and role.oid = acl.grantee and acl.grantee <> space.nspowner
    union all
    select format('grant %s on %I.%I to %I', acl.privilege_type, ${to}::text, source.relname, role.rolname)
    from pg_class as source, aclexplode(source.relacl) as acl, pg_roles as role
    where source.relnamespace = to_regnamespace(${from}) and role.oid = acl.grantee and acl.grantee <> source.relowner
      and to_regclass(format('%I.%I', ${to}::text, source.relname)) is not null`;
  for (const { statement } of grants) await tx.unsafe(statement);
}
