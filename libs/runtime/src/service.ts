import type { Tracer } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Health } from './health.ts';
import type { Logger } from './logger.ts';

/**
 * One service as data: its name, the environment it reads and how to start it. The same definition runs as its own
 * process (`runService`) and beside the others in the embedded stack (`startService`).
 */
export interface ServiceDefinition<Config> {
  name: string;
  /** Environment variables to configuration. See `loadConfig`. */
  config: z.ZodType<Config>;
  start(context: ServiceContext<Config>): Promise<void>;
}

export interface ServiceContext<Config> {
  /** Of the service. */
  name: string;
  config: Config;
  /** Name of this instance among its replicas. */
  instance: string;
  log: Logger;
  health: Health;
  metrics: Registry;
  tracer: Tracer;
  /** Aborts when the service stops. */
  signal: AbortSignal;
  /** Registers a step of stopping; steps run in reverse order, each with the time that is left. */
  onStop: (name: string, stop: () => Promise<void> | void) => void;
}

export function defineService<Config>(definition: ServiceDefinition<Config>): ServiceDefinition<Config> {
  return definition;
}
