import type { StoredSpan } from '@sluice/runtime';
import { expect, it } from 'vitest';
import { renderTrace } from './trace.ts';

const span = (
  spanId: string,
  parentSpanId: string | null,
  startMs: number,
  fields: Partial<StoredSpan> = {},
): StoredSpan => ({
  traceId: 't',
  spanId,
  parentSpanId,
  service: 'license',
  name: spanId,
  kind: 0,
  startUs: 1_000_000 + startMs * 1_000,
  durationUs: 1_500,
  error: null,
  attributes: {},
  links: [],
  ...fields,
});

it('has parents above their children, in the order of time, each with its offset and duration', () => {
  const spans = [
    span('publish', 'process', 9),
    span('assessment', null, 0, { service: 'aggregator', durationUs: 20_000 }),
    span('fetch', 'process', 3),
    span('process', 'assessment', 2),
  ];
  expect(
    renderTrace(spans)
      .split('\n')
      .map((line) => line.trimStart().replaceAll(/ {2,}/g, '  ')),
  ).toEqual([
    '+0.0 ms  20.0 ms  aggregator: assessment',
    '+2.0 ms  1.5 ms  license: process',
    '+3.0 ms  1.5 ms  license: fetch',
    '+9.0 ms  1.5 ms  license: publish',
  ]);
  const indents = renderTrace(spans)
    .split('\n')
    .map((line) => line.slice(24).search(/\S/));
  expect(indents).toEqual([2, 4, 6, 6]);
});

it('shows errors, and spans whose parent was not kept', () => {
  const text = renderTrace([span('orphan', 'elsewhere', 0, { error: 'refused' })]);
  expect(text).toContain('license: orphan  ! refused');
});

it('ends also when spans go round in a circle', () => {
  const text = renderTrace([span('root', null, 0), span('a', 'b', 1), span('b', 'a', 2)]);
  expect(text.split('\n')).toHaveLength(1);
});
