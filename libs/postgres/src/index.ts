/** Postgres client, migrations, inbox and outbox tables. */
export {};
