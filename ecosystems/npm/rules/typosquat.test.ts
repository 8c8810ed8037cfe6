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
    ['eexpress', 'express'],
    ['1express', 'express'],
    ['_lodash', 'lodash'],
    ['lodashe', 'lodash'],
  ])('%s imitates %s', (name, target) => {
    expect(imitated(name)).toBe(target);
  });
});

test('popular, short and scoped names, plurals, generations and an own letter in front imitate no other', () => {
  for (const name of [
    'express',
    'preact',
    'vuex',
    'koa2',
    '@scope/expres',
    'webpack5',
    'commanders',
    'my-own-package',
    'mpromise',
    'npromise',
    'qpromise',
    'vchalk',
    'areact-dom',
    'jexpress',
    'm-promise',
  ]) {
    expect(imitated(name)).toBeNull();
  }
  expect(npmHighImpact.filter((name) => imitated(name) !== null)).toEqual([]);
});
