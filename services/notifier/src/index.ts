/** Sends messages about events to other programs and to people. */
export { notifierConfig } from './config.ts';
export { Dispatcher } from './deliveries/dispatcher.ts';
export type { NotifierDeps } from './deps.ts';
export { onEvents } from './events/record-events.ts';
export { tellRequestCompleted } from './events/tell.ts';
export { createWebhook } from './commands/create-webhook.ts';
export { openSealing } from './secrets/sealing.ts';
export { notifierMigrations, notifierService } from './service.ts';
