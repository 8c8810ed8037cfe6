/** Stage: registry metadata in, license evidence out. */
export { licenseConfig } from './config.ts';
export { licenseService, licenseServiceOf } from './service.ts';
export { licenseStage } from './stage.ts';
