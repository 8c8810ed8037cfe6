/** The saga: joins requests to assessments, judges, decides, completes. */
export { aggregatorConfig } from './config.ts';
export { aggregatorMigrations, aggregatorService } from './service.ts';
