import { readFile, readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { decodeData, decodeEnvelope, type EventDefinition, type SluiceEvent } from './define-event.ts';
import { eventCatalogue } from './event-catalogue.ts';

const folder = new URL('../fixtures/', import.meta.url);
const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).toSorted();
const catalogue: Record<string, EventDefinition> = eventCatalogue;

it('has an example of every event in its current version', () => {
  const wanted = Object.values(catalogue).map(({ type, version }) => `${type}.v${version}.json`);
  expect(files).toEqual(expect.arrayContaining(wanted));
});

const read = (file: string) => readFile(new URL(file, folder), 'utf8');
const nameOf = (file: string) =>
  /^(.+)\.v(\d+)(?:\.(?:scope|platforms|release|emergency|batch|project))?\.json$/.exec(file)!.slice(1) as [
    type: string,
    version: string,
  ];
const isCurrent = (file: string) => {
  const [type, version] = nameOf(file);
  return catalogue[type]!.version === Number(version);
};

it.each(files.filter(isCurrent))('%s decodes, and nothing of it is lost', async (file) => {
  const text = await read(file);
  const [type, version] = nameOf(file);
  const event = decodeData(catalogue[type]!, decodeEnvelope(text));
  expect([event.type, event.dataversion]).toEqual([type, Number(version)]);
  expect(event).toEqual(inDefaultScope(JSON.parse(text)));
});

/** An event of before there were scopes says what one of `default` says now. */
function inDefaultScope(event: SluiceEvent<object>): SluiceEvent<object> {
  const isScoped = /^request\.|^pkg\.(assessed|approved|rejected|recalled|decision-ended)$/.test(event.type);
  return isScoped ? { ...event, data: { scope: 'default', ...event.data } } : event;
}

it('has an example with and one without a scope of every event that has one', () => {
  const scoped = files.filter((file) => file.endsWith('.scope.json'));
  expect(scoped).toHaveLength(11);
  expect(files).toEqual(expect.arrayContaining(scoped.map((file) => file.replace('.scope.json', '.json'))));
});

it.each(files.filter((file) => !isCurrent(file)))('%s is read as the present version', async (file) => {
  const [type] = nameOf(file);
  const definition = catalogue[type]!;
  const { data } = decodeData(definition, decodeEnvelope(await read(file))) as { data: Facts };
  const present = JSON.parse(await read(`${type}.v${definition.version}.json`)) as { data: Facts };
  const { evidence, ...rest } = present.data;
  // Version 1 did not state these.
  const registry = evidence.registry && {
    ...evidence.registry,
    firstSeenAt: null,
    publisher: null,
    filesDigest: null,
  };
  const known = type === 'pkg.scanned' ? { scan: evidence.scan } : { ...evidence, registry };
  expect(data).toEqual({ ...rest, evidence: known });
});

interface Facts {
  evidence: { registry?: object; scan?: object };
}

it('lists every event under its own type', () => {
  for (const [type, definition] of Object.entries(catalogue)) expect(definition.type).toBe(type);
});
