/** Stage: opens archives in a sandbox, matches advisories and rules. */
export type { AdvisoryImport } from './advisories/import-advisories.ts';
export { matchAdvisories, type AdvisoryMatches } from './advisories/match-advisories.ts';
export { scannerConfig } from './config.ts';
export { importAdvisoriesFrom } from './import-advisories-from.ts';
export { scannerMigrations, scannerSchema } from './migrations.ts';
export { scannerService, scannerServiceOf } from './service.ts';
export { scanStage } from './stage.ts';
