/** Configuration, logging, telemetry, health and the life cycle of a service process. */
export * from './allowed-hosts.ts';
export * from './config-fields.ts';
export * from './database-url-of.ts';
export * from './failpoint.ts';
export * from './file-span-exporter.ts';
export * from './health.ts';
export * from './health-server.ts';
export * from './load-config.ts';
export * from './log-file.ts';
export * from './logger.ts';
export * from './nats-config-of.ts';
export * from './process-metrics.ts';
export * from './repeat.ts';
export * from './run-service.ts';
export * from './service.ts';
export * from './software-version.ts';
export * from './telemetry.ts';
