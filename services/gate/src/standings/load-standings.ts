import { createInterface } from 'node:readline';
import type { ArtifactStore } from '@sluice/artifacts';
import { sendCommand, type Bus } from '@sluice/broker';
import {
  listStandingsCommand,
  standingSchema,
  type ListStandingsInput,
  type ListStandingsOutput,
} from '@sluice/contracts';
import type { StandingIndex } from './standing-index.ts';

/**
 * Fills an index with how everything stands, as the aggregator has it.
 * @throws errors of `sendCommand` and of the artifact store.
 */
export async function loadStandings(index: StandingIndex, bus: Bus, artifacts: ArtifactStore): Promise<void> {
  let after: ListStandingsInput['after'] = null;
  do {
    const page: ListStandingsOutput = await sendCommand(bus, listStandingsCommand, { after });
    const lines = createInterface({ input: await artifacts.open(page.digest), crlfDelay: Infinity });
    for await (const line of lines) index.load(standingSchema.parse(JSON.parse(line)));
    after = page.next;
  } while (after !== null);
}
