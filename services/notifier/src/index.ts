/** Sends messages about events to other programs and to people. */
export { notifierConfig } from './config.ts';
export { notifierMigrations, notifierService } from './service.ts';
