import { expect, it } from 'vitest';
import { isSameGateway } from './connect.ts';

it.each([
  ['http://127.0.0.1:8080', true],
  ['http://127.0.0.1:8080/', true],
  ['http://localhost:8080', true],
  ['http://[::1]:8080', true],
  ['http://localhost:8081', false],
  ['https://localhost:8080', false],
  ['http://sluice.example:8080', false],
  ['http://127.0.0.1.evil.example:8080', false],
  ['http://localhost@evil.example:8080', false],
  ['nonsense', false],
])('the key of this machine goes to %s: %s', (server, expected) => {
  expect(isSameGateway(server, 'http://127.0.0.1:8080')).toBe(expected);
});
