import { expect, it } from 'vitest';
import { isExempt } from './no-proxy.ts';

const except = ['corp.example', '.inner.example', '*.star.example', 'port.example:8443', '10.0.0.1', '::1'];

it.each([
  ['https://corp.example/', true],
  ['https://a.corp.example/', true],
  ['https://notcorp.example/', false],
  ['https://a.inner.example/', true],
  ['https://a.star.example/', true],
  ['https://port.example:8443/', true],
  ['https://port.example/', false],
  ['http://10.0.0.1:4873/', true],
  ['http://[::1]/', true],
  ['https://registry.example/', false],
])('%s is reached without the proxy: %s', (url, expected) => {
  expect(isExempt(new URL(url), except)).toBe(expected);
  expect(isExempt(new URL(url), ['*'])).toBe(true);
  expect(isExempt(new URL(url), [])).toBe(false);
});
