/** Real servers per test file, fake registries and builders, for tests only. */
export { findRepositoryRoot } from './repository-root.ts';
export { testNats, type TestNats } from './test-nats.ts';
export { testPostgres, type TestMigrations, type TestPostgres } from './test-postgres.ts';
export { isTrueWithin, waitFor, type WaitForOptions } from './wait-for.ts';
