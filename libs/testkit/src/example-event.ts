import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  decodeData,
  decodeEnvelope,
  eventCatalogue,
  type EventData,
  type EventDefinition,
  type EventType,
  type SluiceEvent,
} from '@sluice/contracts';

type DataOf<Type extends EventType> = EventData<(typeof eventCatalogue)[Type]>;

const fixtures = new URL('../../contracts/fixtures/', import.meta.url);

/**
 * The realistic example of an event from the contracts' fixtures, with an id of its own and the fields that matter to the
 * test put into its data. Its subject follows the data.
 */
export function exampleEvent<Type extends EventType>(
  type: Type,
  data: Partial<DataOf<Type>> = {},
): SluiceEvent<DataOf<Type>> {
  const text = readFileSync(new URL(`${type}.v${eventCatalogue[type].version}.json`, fixtures), 'utf8');
  const definition = eventCatalogue[type] as unknown as EventDefinition<DataOf<Type>>;
  const example = decodeData(definition, decodeEnvelope(text));
  const { purl, requestId, batchId } = data as { purl?: string; requestId?: string; batchId?: string | null };
  return {
    ...example,
    id: randomUUID(),
    subject: purl ?? requestId ?? batchId ?? example.subject,
    data: { ...example.data, ...data },
  };
}

/** The example of an event as a message of a lane, for tests of the broker, which knows no event. */
export function exampleMessage(type: EventType, lane: 'interactive' | 'bulk' = 'bulk') {
  const event = exampleEvent(type);
  return { eventId: event.id, subject: `${type}.${lane}`, payload: JSON.stringify(event), headers: {} };
}
