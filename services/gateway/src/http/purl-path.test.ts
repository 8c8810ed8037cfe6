import { expect, it } from 'vitest';
import { encodePurlInPath } from './purl-path.ts';

it.each([
  ['/v1/packages/pkg:npm/lodash@4.17.21', '/v1/packages/pkg%3Anpm%2Flodash%404.17.21'],
  ['/v1/packages/pkg:npm/lodash@4.17.21/approve', '/v1/packages/pkg%3Anpm%2Flodash%404.17.21/approve'],
  [
    '/v1/packages/pkg:npm/@babel/core@7.0.0/reject',
    '/v1/packages/pkg%3Anpm%2F%40babel%2Fcore%407.0.0/reject',
  ],
  ['/v1/packages/pkg:npm/lodash@4.17.21/verdict', '/v1/packages/pkg%3Anpm%2Flodash%404.17.21/verdict'],
  ['/v1/packages/pkg:npm/reject@1.0.0', '/v1/packages/pkg%3Anpm%2Freject%401.0.0'],
])('encodes a purl as people type it: %s', (typed, encoded) => {
  expect(encodePurlInPath(typed)).toBe(encoded);
});

it.each([
  '/v1/packages',
  '/v1/packages/pkg%3Anpm%2Flodash%404.17.21/approve',
  '/v1/requests/pkg:npm/a',
  '/v1/packages/lodash/approve',
  '/',
])('leaves everything else alone: %s', (path) => {
  expect(encodePurlInPath(path)).toBe(path);
});
