import { DiscardPolicy, type StreamConfig } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import { defaultTopologyLimits, streamConfigs, widened } from './stream-configs.ts';

const [wanted] = streamConfigs({ ...defaultTopologyLimits, replicas: 3 });
const existing = { ...wanted!, description: 'identity x' } as StreamConfig;

it('changes nothing of a stream that fits the settings', () => {
  expect(widened(existing, wanted!)).toEqual({});
});

it.each([
  ['more copies', { num_replicas: 5 }],
  ['more room', { max_bytes: wanted!.max_bytes * 2 }],
  ['unlimited room', { max_bytes: -1 }],
  ['a longer life', { max_age: wanted!.max_age * 2 }],
  ['an unlimited life', { max_age: 0 }],
  ['a longer duplicate window', { duplicate_window: wanted!.duplicate_window * 2 }],
  ['further subjects', { subjects: [...wanted!.subjects, 'more.>'] }],
  ['a placement', { placement: { cluster: 'east', tags: [] } }],
])('leaves %s that an operator gave it', (_, changed) => {
  expect(widened({ ...existing, ...changed } as StreamConfig, wanted!)).toEqual({});
});

it.each([
  ['fewer copies', { num_replicas: 1 }],
  ['less room', { max_bytes: 1_000 }],
  ['a shorter life', { max_age: 1_000 }],
  ['a number of messages', { max_msgs: 100 }],
  ['a number of messages for each subject', { max_msgs_per_subject: 1 }],
  ['a size of messages', { max_msg_size: 100 }],
  ['a shorter duplicate window', { duplicate_window: 1_000 }],
  ['another way to be full', { discard: DiscardPolicy.Old }],
  ['no direct reads', { allow_direct: false }],
])('gives back what was taken by %s', (_, changed) => {
  const [field] = Object.keys(changed) as [keyof typeof wanted];
  expect(widened({ ...existing, ...changed } as StreamConfig, wanted!)).toEqual({ [field]: wanted![field] });
});

it('adds the subjects that are missing to those that are there', () => {
  const subjects = ['more.>', ...wanted!.subjects.slice(1)];
  expect(widened({ ...existing, subjects }, wanted!).subjects?.toSorted()).toEqual(
    ['more.>', ...wanted!.subjects].toSorted(),
  );
});

it('places a stream where the settings say, unless it is placed already', () => {
  const [placed] = streamConfigs({ ...defaultTopologyLimits, placementTags: ['ssd'] });
  expect(widened({ ...existing, num_replicas: 1 }, placed!)).toEqual({ placement: { tags: ['ssd'] } });
});
