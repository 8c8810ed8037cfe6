import { setTimeout as pause } from 'node:timers/promises';
import { PermanentError } from '@sluice/contracts';
import type { ServiceContext } from '@sluice/runtime';
import { RefusedError } from './refusals.ts';

/** A broker that is asked every second is back for its services as soon as for itself. */
const againMs = 1_000;

/** The part of a service's context that a part of its start uses. */
type Starting = Pick<ServiceContext<unknown>, 'log' | 'health' | 'signal' | 'onStop'>;

export interface BrokerWait {
  /** False for a service that does its work without JetStream, too. */
  required?: boolean;
  /** Called when something has to be waited for. */
  onWait?: () => void;
}

/**
 * Runs a part of a service's start that needs JetStream, and repeats it until it succeeds: a broker may run without
 * JetStream, as after a full disk, and the nodes of a cluster may still choose their leaders. The service is not ready
 * meanwhile, and its health has the reason.
 * @param begin may register what it begins with `onStop` of the context it is given: a failed try is closed again.
 * @throws errors that no waiting mends: a refusal for want of rights, PermanentError; the signal's reason.
 */
export async function startWithBroker<Service extends Starting, Result>(
  service: Service,
  begin: (part: Service) => Promise<Result>,
  { required = true, onWait }: BrokerWait = {},
): Promise<Result> {
  const { log, health, signal } = service;
  let waitsFor: string | null = 'it was not asked yet';
  const state = () =>
    waitsFor === null ? { ok: true } : { ok: false, detail: `waits for JetStream: ${waitsFor}` };
  health.add('jetstream', state, { required });
  for (;;) {
    const begun: Parameters<Starting['onStop']>[] = [];
    try {
      const result = await begin({ ...service, onStop: (...part) => void begun.push(part) });
      for (const part of begun) service.onStop(...part);
      waitsFor = null;
      return result;
    } catch (error) {
      for (const [, stop] of begun.toReversed()) await stop();
      if (signal.aborted || error instanceof RefusedError || error instanceof PermanentError) throw error;
      const text = error instanceof Error ? error.message : String(error);
      if (text !== waitsFor) log.warn({ err: error }, 'waiting for JetStream');
      waitsFor = text;
      onWait?.();
      await pause(againMs, undefined, { signal });
    }
  }
}
