/** The one-command stack: nats-server, Postgres and every service on one machine. */
export { runUp } from './main.ts';
export { migrateInstallation } from './migrate-installation.ts';
export { databaseUrlFile, prepareDatabase } from './prepare-database.ts';
export { npmSettings } from './npm-settings.ts';
export { pipRegistries } from './pip-settings.ts';
export { readRunning, type RunInfo } from './run-file.ts';
export { stackServices } from './services.ts';
export { stackService, type StackService } from './stack-service.ts';
export { killStack, startStack, type Stack, type StackOptions } from './start-stack.ts';
export { defaultStateFolder, stateFolder, type StateFolder } from './state-folder.ts';
