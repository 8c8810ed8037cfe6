import type { EventType } from '@sluice/contracts';
import { exampleEvent } from '@sluice/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ProjectedEvent } from '../projected-event.ts';
import { toRequestSteps } from './request-steps.ts';

const ids = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`);
const types = ['submitted', 'progressed', 'completed', 'reopened', 'cancelled'] as const;
type Told = [request: number, type: (typeof types)[number], round?: number];

const sequenceOf = ({ sequence }: ProjectedEvent) => sequence;
const projected = (told: Told[]): ProjectedEvent[] =>
  told.map(([request, type, round = 1], sequence) => {
    const name: EventType = `request.${type}`;
    const event = exampleEvent(name, { requestId: ids[request]!, round });
    return { position: sequence, sequence, traceId: null, event };
  });
const stepsOf = (told: Told[], isStored = false) =>
  toRequestSteps(projected(told), () => isStored).map(({ kind, events }) => [kind, events.map(sequenceOf)]);

it('requests that are submitted, progress and end in one batch, in any order, are three steps', () => {
  const told = ([0, 1, 2] as const).flatMap((request): Told[] => [
    [request, 'submitted'],
    [request, 'progressed'],
    [request, 'progressed'],
    [request, 'completed'],
  ]);
  expect(stepsOf(told)).toEqual([
    ['request.submitted', [0, 4, 8]],
    ['request.progressed', [1, 2, 5, 6, 9, 10]],
    ['request.completed', [3, 7, 11]],
  ]);
});

it('the rounds of a request are not mixed', () => {
  const told: Told[] = [
    [0, 'progressed', 1],
    [0, 'progressed', 2],
    [1, 'progressed', 1],
  ];
  expect(stepsOf(told)).toEqual([
    ['request.progressed', [0, 2]],
    ['request.progressed', [1]],
  ]);
});

it('a request that is submitted again, in the batch or long ago, is redriven', () => {
  const told: Told[] = [
    [0, 'cancelled'],
    [0, 'submitted'],
    [0, 'submitted'],
  ];
  const kinds = (isStored: boolean) => stepsOf(told, isStored).map(([kind]) => kind);
  expect(kinds(false)).toEqual(['request.cancelled', 'request.submitted', 'redriven']);
  expect(kinds(true)).toEqual(['request.cancelled', 'redriven', 'redriven']);
});

it('every event is in one step, each request’s own in their order', () => {
  const told = fc.tuple(fc.nat(2), fc.constantFrom(...types), fc.integer({ min: 1, max: 2 }));
  fc.assert(
    fc.property(fc.array(told, { maxLength: 30 }), (batch) => {
      const events = projected(batch);
      const taken = toRequestSteps(events, () => false).flatMap((step) => step.events);
      const of = (list: ProjectedEvent[], id: string) =>
        list.filter(({ event }) => event.subject === id).map(sequenceOf);
      expect(taken).toHaveLength(events.length);
      for (const id of ids) expect(of(taken, id)).toEqual(of(events, id));
    }),
  );
});
