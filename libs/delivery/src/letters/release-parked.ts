import { sendCommand, serveCommand, type Bus, type CommandDefinition } from '@sluice/broker';
import { decodeEnvelope, isCoded, type EventDefinition } from '@sluice/contracts';
import { repeat, type Logger } from '@sluice/runtime';
import { z } from 'zod';
import { eachDeadLetter, republishDeadLetter } from './dead-letter-store.ts';

/** Often enough that an upgrade needs no command, seldom enough for old and new replicas beside each other. */
const everyMs = 60_000;

/** Messages that one command releases at most: it has to be answered within seconds. */
const releasedMax = 1_000;

interface Release {
  /** That parked the messages. */
  service: string;
  type: string;
  /** The highest version of the event that it understands. */
  version: number;
}

/**
 * Puts messages back into the flow that an older version of a service parked and the one that asks understands. The owner
 * of the dead letters does it: a right to read and remove those of one service alone cannot be given.
 */
export const releaseParkedCommand: CommandDefinition<Release, { released: number }> = {
  service: 'aggregator',
  name: 'release-parked',
  input: z.strictObject({
    service: z.string().min(1).max(100),
    type: z.string(),
    version: z.int().positive(),
  }),
  output: z.object({ released: z.number().int() }),
};

/** Answers `releaseParkedCommand`. */
export function serveReleasing(bus: Bus, log: Logger): void {
  serveCommand(bus, releaseParkedCommand, (release) => releaseParked(bus, release, log), log);
}

async function releaseParked(bus: Bus, release: Release, log: Logger): Promise<{ released: number }> {
  const { service } = release;
  let released = 0;
  for await (const letter of eachDeadLetter(bus, { kind: 'parked', service })) {
    if (!isUnderstood(letter.payload, release)) continue;
    await republishDeadLetter(bus, letter);
    released += 1;
    if (released === releasedMax) break;
  }
  if (released > 0) log.info({ service, released }, 'parked messages are released');
  return { released };
}

function isUnderstood(payload: string, understood: Release): boolean {
  try {
    const { type, dataversion } = decodeEnvelope(payload);
    return type === understood.type && dataversion <= understood.version;
  } catch (error) {
    if (isCoded(error)) return false;
    throw error;
  }
}

/**
 * Has parked messages released at the start and every minute: while a service is upgraded, older replicas go on parking.
 * @returns a function that stops it.
 */
export function startReleasing(
  bus: Bus,
  service: string,
  { type, version }: Pick<EventDefinition, 'type' | 'version'>,
  log: Logger,
): () => Promise<void> {
  const run = async () => {
    const ask = () => sendCommand(bus, releaseParkedCommand, { service, type, version });
    while ((await ask()).released === releasedMax);
  };
  return repeat({ log }, { name: `releasing parked messages of ${service}`, everyMs, run });
}
