import { expect, it } from 'vitest';
import { accepts } from './accept.ts';

it.each([
  [undefined, 1],
  ['application/json', 1],
  ['text/html', 0],
  ['*/*;q=0.1', 0.1],
  ['application/*;q=0.5, */*;q=0.1', 0.5],
  ['application/json;q=0.01, */*', 0.01],
  ['application/json; q=0', 0],
  ['APPLICATION/JSON', 1],
  ['application/json;q=nonsense', 0],
])('a client that sends %j takes JSON with weight %d', (header, weight) => {
  expect(accepts(header, 'application/json')).toBe(weight);
});
