/**
 * Writes the catalogue of events into docs/events.md, from the event definitions. Run it after a change of events,
 * with the contracts built: `npx tsc -b libs/contracts && node scripts/generate-event-catalogue.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { eventCatalogue } from '../libs/contracts/dist/index.js';
import { renderEventCatalogue, replaceCatalogue } from './event-catalogue.mjs';

const file = new URL('../docs/events.md', import.meta.url);
const events = Object.values(eventCatalogue).map((event) => ({
  ...event,
  schema: z.toJSONSchema(event.schema),
}));
writeFileSync(file, replaceCatalogue(readFileSync(file, 'utf8'), renderEventCatalogue(events)));
