import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import {
  catalogueEnd,
  catalogueStart,
  renderEventCatalogue,
  replaceCatalogue,
} from '../../../scripts/event-catalogue.mjs';
import { eventCatalogue } from './event-catalogue.ts';

const document = await readFile(new URL('../../../docs/events.md', import.meta.url), 'utf8');
const events = Object.values(eventCatalogue).map((event) => ({
  ...event,
  schema: z.toJSONSchema(event.schema),
}));

it('docs/events.md lists the events as they are (otherwise: node scripts/generate-event-catalogue.mjs)', () => {
  expect(document).toBe(replaceCatalogue(document, renderEventCatalogue(events)));
});

it('the catalogue notices a field, an event and a lane', () => {
  const catalogue = renderEventCatalogue(events);
  const [first, ...others] = events;
  expect(renderEventCatalogue(others)).not.toBe(catalogue);
  const changed = { ...first!, schema: z.toJSONSchema(z.object({ other: z.uuid() })) };
  expect(renderEventCatalogue([changed])).toContain('| `other` | UUID  |');
  expect(renderEventCatalogue([changed])).toContain(`| \`${first!.type}\` |`);
  expect(catalogue).toContain(`\`${first!.type}.<lane>\``);
});

it('refuses a document without the markers', () => {
  expect(() => replaceCatalogue('# Nothing', 'x')).toThrow(catalogueStart);
  expect(replaceCatalogue(`a${catalogueStart}b${catalogueEnd}c`, 'x')).toBe(
    `a${catalogueStart}\n\nx\n\n${catalogueEnd}c`,
  );
});
