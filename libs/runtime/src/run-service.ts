import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { context } from '@opentelemetry/api';
import { register } from 'prom-client';
import { z } from 'zod';
import { integerField } from './config-fields.ts';
import { armFailpoints } from './failpoint.ts';
import { Health } from './health.ts';
import { startHealthServer } from './health-server.ts';
import { loadConfig } from './load-config.ts';
import { createLogger, type Logger } from './logger.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import type { ServiceContext, ServiceDefinition } from './service.ts';
import { startTelemetry } from './telemetry.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface RunningService {
  name: string;
  health: Health;
  /** Stops in reverse order of start; resolves within `stopTimeoutMs`. */
  stop(): Promise<void>;
}

/** Orchestrators commonly kill after 30 s; unfinished messages are redelivered anyway. */
export const stopTimeoutMs = 25_000;

/**
 * Starts a service inside this process.
 * @param env the environment variables that it may read.
 * @throws PermanentError `config.invalid`, or an error of its start, after the parts that had been started are stopped.
 */
export async function startService<Config>(
  definition: ServiceDefinition<Config>,
  env: Env,
  options: { log?: Logger; health?: Health } = {},
): Promise<RunningService> {
  const config = loadConfig(definition.config, env);
  const instance = env['INSTANCE'] ?? `${hostname()}:${process.pid}`;
  const log = options.log ?? createLogger(definition.name, env['LOG_LEVEL'] ?? 'info');
  const telemetry = startTelemetry(definition.name, env);
  collectProcessMetrics();
  const health = options.health ?? new Health();
  let isStarted = false;
  health.add('start', () => (isStarted ? { ok: true } : { ok: false, detail: 'still starting' }));
  const abort = new AbortController();
  // Everything in work listens for the stop; that many is no leak.
  setMaxListeners(0, abort.signal);
  const closers: { name: string; stop: () => Promise<void> | void }[] = [];

  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopAll());
  async function stopAll(): Promise<void> {
    health.markStopping();
    abort.abort();
    const deadline = Date.now() + stopTimeoutMs;
    for (const closer of closers.toReversed()) {
      await stopInTime(closer, deadline - Date.now(), log);
    }
    await telemetry.stop().catch((error: unknown) => log.warn({ err: error }, 'spans were not flushed'));
  }

  const serviceContext: ServiceContext<Config> = {
    name: definition.name,
    config,
    instance,
    log,
    health,
    metrics: register,
    tracer: telemetry.tracer,
    signal: abort.signal,
    onStop: (name, closer) => closers.push({ name, stop: closer }),
  };
  try {
    await context.with(telemetry.root, () => definition.start(serviceContext));
  } catch (error) {
    await stop();
    throw error;
  }
  isStarted = true;
  log.info({ instance }, `${definition.name} is ready`);
  return { name: definition.name, health, stop };
}

async function stopInTime(
  closer: { name: string; stop: () => Promise<void> | void },
  leftMs: number,
  log: Logger,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), Math.max(leftMs, 100));
  });
  try {
    const result = await Promise.race([Promise.resolve().then(closer.stop), late]);
    if (result === 'late') log.warn({ part: closer.name }, 'did not stop in time');
  } catch (error) {
    log.warn({ part: closer.name, err: error }, 'did not stop cleanly');
  } finally {
    clearTimeout(timer);
  }
}

const processConfig = z.object({
  /** Port of /livez, /readyz and /metrics; -1 for none. */
  HEALTH_PORT: integerField(-1, 65_535, -1),
  HEALTH_HOST: z.string().default('127.0.0.1'),
});

/**
 * Runs a service as this process: configuration from the environment, SIGTERM and SIGINT stop it in order with
 * exit code 0, a failed start ends with 1 and one clear message.
 */
export async function runService<Config>(definition: ServiceDefinition<Config>): Promise<void> {
  const log = createLogger(definition.name, process.env['LOG_LEVEL'] ?? 'info');
  try {
    const { HEALTH_PORT, HEALTH_HOST } = loadConfig(processConfig, process.env);
    armFailpoints(definition.name, process.env);
    const health = new Health();
    // From the beginning: a start may wait for its servers, and a probe must not take that for a hang.
    if (HEALTH_PORT >= 0)
      await startHealthServer({ host: HEALTH_HOST, port: HEALTH_PORT, health, metrics: register });
    const starting = Promise.resolve().then(() => startService(definition, process.env, { log, health }));
    stopAtSignals(starting, log);
    await starting;
  } catch (error) {
    log.fatal(
      { err: error },
      `${definition.name} cannot start: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exitCode = 1;
    // Something half-started may hold the event loop; there is nothing left to wait for.
    setTimeout(() => process.exit(1), 100).unref();
  }
}

/** A signal counts from the first moment on: a service that is told to stop while it starts has things to close too. */
function stopAtSignals(starting: Promise<RunningService>, log: Logger): void {
  const stop = (signal: string) => {
    log.info({ signal }, 'stopping');
    // A start that waits for a broker may take for ever; a stop may not.
    setTimeout(() => process.exit(0), stopTimeoutMs).unref();
    starting.then(
      (running) => running.stop().then(() => process.exit(0)),
      () => {}, // A failed start says so itself and ends with 1.
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
