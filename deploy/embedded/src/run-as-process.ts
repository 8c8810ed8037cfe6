import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Env } from '@sluice/runtime';
import {
  SetupError,
  freePort,
  logTail,
  startChild,
  type Child,
  type ChildRecords,
  type OnStep,
} from '@sluice/servers';
import type { ServicePart } from './run-in-process.ts';
import type { StackService } from './stack-service.ts';
import type { StateFolder } from './state-folder.ts';
import { supervise, type Supervisable } from './supervise.ts';

// Less than the stack waits for all services, so that none outlives it.
const STOP_MS = 15_000;
const ALIVE_MS = 30_000;
const POLL_MS = 25;
// Messages live for milliseconds: with twice the room fewer of them outlive a collection. It saves a tenth of a message's processor time.
const YOUNG_GENERATION_MB = 32;

/** Starts a service as a process of its own, and again when it dies; its output goes to its log file. */
export async function runAsProcess(
  service: StackService,
  env: Env,
  { state, records, onStep }: { state: StateFolder; records: ChildRecords; onStep: OnStep },
): Promise<ServicePart> {
  const healthPort = await freePort();
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  const start = async (): Promise<Supervisable> => {
    const child = await startChild({
      name: service.name,
      command: process.execPath,
      args: ['--enable-source-maps', `--max-semi-space-size=${YOUNG_GENERATION_MB}`, service.entry],
      env: { ...env, HEALTH_HOST: '127.0.0.1', HEALTH_PORT: String(healthPort) },
      logFile: state.logFile(service.name),
      records,
    });
    await waitUntilAlive(child, service.name, healthUrl, state);
    if (service.yields) yieldToOthers(child.pid);
    return {
      pid: child.pid,
      exited: child.exited,
      stop: async () => void (await child.stop(STOP_MS)),
    };
  };
  const supervised = await supervise(service.name, start, onStep);
  return {
    name: service.name,
    healthUrl,
    isReady: () => answers(`${healthUrl}/readyz`),
    stop: () => supervised.stop(),
  };
}

/** It may have ended meanwhile; its supervisor sees that. */
function yieldToOthers(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    return;
  }
}

/**
 * Waits until the service has started; whether it is ready is asked later. One that still waits for its servers after
 * that time is left to it.
 */
async function waitUntilAlive(
  child: Child,
  name: string,
  healthUrl: string,
  state: StateFolder,
): Promise<void> {
  const deadline = Date.now() + ALIVE_MS;
  while (Date.now() < deadline) {
    if (child.exit() !== null) {
      throw new SetupError(
        `${name} ended while starting: ${await logTail(state.logFile(name), 1)}`,
        `Its log is ${state.logFile(name)}.`,
      );
    }
    if (await hasStarted(healthUrl)) return;
    await delay(POLL_MS);
  }
  if (await answers(`${healthUrl}/livez`)) return;
  await child.kill();
  throw new SetupError(
    `${name} has not started after ${ALIVE_MS / 1000} s.`,
    `Its log is ${state.logFile(name)}.`,
  );
}

/** The report of a service that is still starting has a check of that name. */
async function hasStarted(healthUrl: string): Promise<boolean> {
  const report = await fetch(`${healthUrl}/readyz`, { signal: AbortSignal.timeout(5_000) })
    .then((response) => response.json() as Promise<{ checks?: { start?: { ok: boolean } } }>)
    .catch(() => null);
  return report !== null && report.checks?.start?.ok !== false;
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
}
