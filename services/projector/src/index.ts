/** Builds the read models in Postgres from the event stream. */
export { changedChannel } from './apply.ts';
export { archiveMigrations } from './archive/segments.ts';
export { archiveEvents } from './archive/archive-events.ts';
export { projectorConfig } from './config.ts';
export { rebuild, type RebuildResult } from './rebuild.ts';
export { hashTables } from './table-contents.ts';
export { projectorMigrations, readSchema } from './schema.ts';
export { projectorService } from './service.ts';
