/** Stage: fetches, verifies and stores package bytes. */
export { downloaderConfig } from './config.ts';
export { downloaderService, downloaderServiceOf } from './service.ts';
export { downloadStage } from './stage.ts';
