/** Makes requests of the files of batches. */
export { requestIdOf } from './batches/save-opened.ts';
export { importerConfig } from './config.ts';
export { importerMigrations, importerService, importerServiceOf } from './service.ts';
