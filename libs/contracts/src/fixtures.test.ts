import { readFile, readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { decodeData, decodeEnvelope, type EventDefinition } from './define-event.ts';
import { eventCatalogue } from './events.ts';

const folder = new URL('../fixtures/', import.meta.url);
const files = (await readdir(folder)).toSorted();
const catalogue: Record<string, EventDefinition> = eventCatalogue;

it('has an example of every event in its current version', () => {
  const wanted = Object.values(catalogue).map(({ type, version }) => `${type}.v${version}.json`);
  expect(files).toEqual(expect.arrayContaining(wanted));
});

it.each(files)('%s decodes, and nothing of it is lost', async (file) => {
  const text = await readFile(new URL(file, folder), 'utf8');
  const [, type, version] = /^(.+)\.v(\d+)\.json$/.exec(file)!;
  const event = decodeData(catalogue[type!]!, decodeEnvelope(text));
  expect([event.type, event.dataversion]).toEqual([type, Number(version)]);
  expect(event).toEqual(JSON.parse(text));
});

it('lists every event under its own type', () => {
  for (const [type, definition] of Object.entries(catalogue)) expect(definition.type).toBe(type);
});
