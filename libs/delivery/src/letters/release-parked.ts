import { decodeEnvelope, isCoded, type EventDefinition } from '@sluice/contracts';
import type { Logger } from '@sluice/runtime';
import type { Bus } from '@sluice/broker';
import { eachDeadLetter, republishDeadLetter } from './dead-letter-store.ts';

/** Often enough that an upgrade needs nobody's hand, seldom enough for old and new replicas beside each other. */
const everyMs = 60_000;

type Understood = Pick<EventDefinition, 'type' | 'version'>;

/**
 * Puts messages back into the flow that an older version of the service parked and this one understands.
 * @returns how many.
 */
export async function releaseParked(bus: Bus, service: string, consumes: Understood): Promise<number> {
  let released = 0;
  for await (const letter of eachDeadLetter(bus, { kind: 'parked', service })) {
    if (!isUnderstood(letter.payload, consumes)) continue;
    await republishDeadLetter(bus, letter);
    released += 1;
  }
  return released;
}

function isUnderstood(payload: string, consumes: Understood): boolean {
  try {
    const { type, dataversion } = decodeEnvelope(payload);
    return type === consumes.type && dataversion <= consumes.version;
  } catch (error) {
    if (isCoded(error)) return false;
    throw error;
  }
}

/**
 * Releases at the start and every minute: while a service is upgraded, older replicas go on parking. What fails is tried
 * again at the next time.
 * @returns what stops it.
 */
export function startReleasing(
  bus: Bus,
  service: string,
  consumes: Understood,
  log: Logger,
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const release = async () => {
    try {
      const released = await releaseParked(bus, service, consumes);
      if (released > 0) log.info({ service, released }, 'parked messages are released');
    } catch (error) {
      log.warn({ err: error, service }, 'parked messages cannot be looked at now');
    }
  };
  const next = () => void (running = running.then(release));
  next();
  const timer = setInterval(next, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
