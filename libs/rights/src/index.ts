/** What each service may do at the broker and in the database: one table each, and the settings of the servers. */
export { natsAuthorization } from './nats/nats-authorization.ts';
export { natsDurables, natsRights, natsUsers, type NatsUser } from './nats/nats-rights.ts';
export { keepNatsKeys, natsKeyFile } from './nats/nats-keys.ts';
export { isWithin } from './nats/subjects.ts';
export { ownSecret, type SecretForm } from './secrets/own-secret.ts';
export type { NatsPermissions } from './nats/permissions.ts';
export { grantsSql } from './postgres/grants-sql.ts';
export {
  defaultRolePrefix,
  ownerRole,
  postgresRights,
  postgresUsers,
  roleName,
  type PostgresUser,
} from './postgres/postgres-rights.ts';
export { keepPostgresPasswords, passwordFile } from './postgres/postgres-passwords.ts';
export { postgresSetupSql, type PostgresSetup } from './postgres/setup-sql.ts';
