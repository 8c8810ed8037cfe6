import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  hostName,
  moment,
  packageVersion,
  platforms,
  positiveInteger,
  requestId,
  seconds,
  stage,
} from './arguments.ts';

describe('a package version', () => {
  it.each([
    ['lodash@4.17.21', 'pkg:npm/lodash@4.17.21'],
    ['@babel/core@7.0.0', 'pkg:npm/%40babel/core@7.0.0'],
    ['JSONStream@1.3.5', 'pkg:npm/JSONStream@1.3.5'],
    ['pkg:npm/@babel/core@7.0.0', 'pkg:npm/%40babel/core@7.0.0'],
    ['pkg:pypi/Zope.Interface@5.0', 'pkg:pypi/zope-interface@5.0'],
  ])('%s is %s', (text, purl) => {
    expect(packageVersion(text)).toBe(purl);
  });

  it.each(['lodash', 'lodash@', '@babel/core', 'npm:lodash@1.0.0', 'a b@1.0.0', 'https://x.example/a@1'])(
    '%s is none, and the message says how to write it',
    (text) => {
      expect(() => packageVersion(text)).toThrow('Write it as pkg:npm/lodash@4.17.21 or lodash@4.17.21.');
    },
  );
});

it('a date is its beginning in UTC, and a text that is neither date nor time is refused', () => {
  expect(moment('2027-01-01')).toBe('2027-01-01T00:00:00.000Z');
  expect(moment('2027-01-01T09:30:00+02:00')).toBe('2027-01-01T07:30:00.000Z');
  for (const text of ['tomorrow', '2027-13-01', '2027-01-01T09:30', '1'])
    expect(() => moment(text)).toThrow();
});

it.each<[string, (text: string) => unknown, string, unknown, string[]]>([
  [
    'an id',
    requestId,
    '01960D3C-7A4E-7CC2-9F1E-2B7A9C1D0E11',
    '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11',
    ['', 'x', '01960d3c'],
  ],
  [
    'a platform',
    platforms,
    'linux-x64-musl',
    ['linux-x64-musl'],
    ['', 'linux', 'windows-x64', 'darwin-arm64-glibc', 'Current'],
  ],
  ['the platform of this machine', platforms, 'current', ['current'], ['currently']],
  ['a number', positiveInteger, '12', 12, ['', '0', '-1', '1.5', 'NaN', '1e3', '9999999999999999']],
  ['seconds', seconds, '0.5', 0.5, ['', ' ', '0', '-1', 'soon', 'Infinity']],
  [
    'a host',
    hostName,
    'Registry.Example:8443',
    'registry.example:8443',
    ['', 'a b', 'nope..', 'https://a.example', 'a/b'],
  ],
  ['a stage', stage, 'scanner', 'scan', ['', 'gateway', 'toString', 'Scan']],
])('%s is read, and what is none is refused', (_, parse, text, value, wrong) => {
  expect(parse(text)).toEqual(value);
  for (const one of wrong) expect(() => parse(one)).toThrow(InvalidArgumentError);
});
