/** Builds the read models in Postgres from the event stream. */
export { changedChannel } from './apply.ts';
export { projectorConfig } from './config.ts';
export { hashTables, rebuild, type RebuildResult } from './rebuild.ts';
export { projectorMigrations, readSchema } from './schema.ts';
export { projectorService } from './service.ts';
