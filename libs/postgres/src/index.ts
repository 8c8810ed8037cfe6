/** Postgres: connections, migrations, and the inbox and outbox tables that delivery rests on. */
export * from './client.ts';
export * from './columns-of.ts';
export * from './inbox.ts';
export * from './migrate.ts';
export * from './open-postgres.ts';
export * from './outbox.ts';
export * from './transient.ts';
