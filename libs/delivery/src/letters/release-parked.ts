import { decodeEnvelope, isCoded, type EventDefinition } from '@sluice/contracts';
import { repeat, type Logger } from '@sluice/runtime';
import type { Bus } from '@sluice/broker';
import { eachDeadLetter, republishDeadLetter } from './dead-letter-store.ts';

/** Often enough that an upgrade needs no command, seldom enough for old and new replicas beside each other. */
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
 * Releases at the start and every minute: while a service is upgraded, older replicas go on parking.
 * @returns a function that stops it.
 */
export function startReleasing(
  bus: Bus,
  service: string,
  consumes: Understood,
  log: Logger,
): () => Promise<void> {
  const run = async () => {
    const released = await releaseParked(bus, service, consumes);
    if (released > 0) log.info({ service, released }, 'parked messages are released');
  };
  return repeat({ log }, { name: `releasing parked messages of ${service}`, everyMs, run });
}
