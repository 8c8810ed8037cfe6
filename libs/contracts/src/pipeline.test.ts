import { expect, it } from 'vitest';
import { eventCatalogue } from './event-catalogue.ts';
import { nextStage, pipeline, stageEmitting, stageNames, stagesBefore } from './pipeline.ts';

it('is a chain of events that exist: each stage consumes what the one before it emits', () => {
  for (const [index, { consumes, emits, service }] of pipeline.entries()) {
    expect(consumes).toBe(index === 0 ? 'pkg.requested' : pipeline[index - 1]!.emits);
    expect(eventCatalogue[emits].publisher.split(', ')).toContain(service);
  }
});

it('has an order that everything derives from', () => {
  expect(stageNames.map((stage) => nextStage(stage))).toEqual([...stageNames.slice(1), null]);
  expect(pipeline.map(({ emits }) => stageEmitting(emits))).toEqual(stageNames);
  expect(stageEmitting('pkg.requested')).toBeUndefined();
  expect(stagesBefore(stageNames[0])).toEqual([]);
  expect(stagesBefore('scan')).toEqual(['license', 'download']);
});
