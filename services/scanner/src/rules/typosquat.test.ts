import { npmHighImpact } from 'npm-high-impact';
import { describe, expect, test } from 'vitest';
import { imitated } from './typosquat.ts';

describe('names that imitate a popular one', () => {
  test.each([
    ['expres', 'express'],
    ['expresss', 'express'],
    ['exrpess', 'express'],
    ['lodahs', 'lodash'],
    ['1odash', 'lodash'],
    ['crossenv', 'cross-env'],
    ['cross_env', 'cross-env'],
    ['cornmander', 'commander'],
  ])('%s imitates %s', (name, target) => {
    expect(imitated(name)).toBe(target);
  });
});

test('popular names, short names, scoped names, plurals and generations imitate nobody', () => {
  for (const name of [
    'express',
    'preact',
    'vuex',
    'koa2',
    '@scope/expres',
    'webpack5',
    'commanders',
    'my-own-package',
  ]) {
    expect(imitated(name)).toBeNull();
  }
  expect(npmHighImpact.filter((name) => imitated(name) !== null)).toEqual([]);
});
