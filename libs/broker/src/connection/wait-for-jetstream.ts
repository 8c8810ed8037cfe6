import { setTimeout as pause } from 'node:timers/promises';
import { PermanentError } from '@sluice/contracts';
import type { ServiceContext } from '@sluice/runtime';
import type { Bus } from './connection.ts';
import { RefusedError } from './refusals.ts';
import { ensureTopology } from '../streams/topology.ts';

/** A broker that is asked every second is back for its services as soon as for itself. */
const againMs = 1_000;

export interface JetStreamWait {
  /** False for a service that does its work without JetStream, too. */
  required?: boolean;
  /** Steps of the start that need JetStream, each repeated until it succeeds. */
  steps?: (() => Promise<unknown>)[];
  /** Called when something has to be waited for. */
  onWait?: () => void;
}

/**
 * Waits until JetStream answers and has its streams: a broker may run without it, as after a full disk. The service is
 * not ready meanwhile, and its health has the reason.
 * @throws errors that no waiting mends: a refusal for want of rights, PermanentError; the signal's reason.
 */
export async function waitForJetStream(
  bus: Bus,
  { log, health, signal }: Pick<ServiceContext<unknown>, 'log' | 'health' | 'signal'>,
  { required = true, steps = [], onWait }: JetStreamWait = {},
): Promise<void> {
  let waitsFor: string | null = 'it was not asked yet';
  const state = () =>
    waitsFor === null ? { ok: true } : { ok: false, detail: `waits for JetStream: ${waitsFor}` };
  health.add('jetstream', state, { required });
  const untilDone = async (step: () => Promise<unknown>) => {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (signal.aborted || error instanceof RefusedError || error instanceof PermanentError) throw error;
        const text = error instanceof Error ? error.message : String(error);
        if (text !== waitsFor) log.warn({ err: error }, 'waiting for JetStream');
        waitsFor = text;
        onWait?.();
        await pause(againMs, undefined, { signal });
      }
    }
  };
  for (const step of [() => ensureTopology(bus), ...steps]) await untilDone(step);
  waitsFor = null;
}
