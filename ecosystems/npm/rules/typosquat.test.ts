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
    ['lodsh', 'lodash'],
    ['loadsh', 'lodash'],
    ['lodush', 'lodash'],
    ['chalks', 'chalk'],
    ['chakl', 'chalk'],
    ['commanders', 'commander'],
    ['electorn', 'electron'],
    ['elektron', 'electron'],
    ['typscript', 'typescript'],
    ['reacct-dom', 'react-dom'],
    ['react-dom-router', 'react-router-dom'],
    ['router-dom-react', 'react-router-dom'],
    ['parser_body', 'body-parser'],
    ['axios-js', 'axios'],
    ['expressjs', 'express'],
    ['lodash.js', 'lodash'],
    ['chalk-npm', 'chalk'],
    ['@bable/core', '@babel/core'],
    ['@babe1/core', '@babel/core'],
    ['@types_/node', '@types/node'],
    ['@anguler/core', '@angular/core'],
    ['nestjs-common', '@nestjs/common'],
  ])('%s imitates %s', (name, target) => {
    expect(imitated(name)).toBe(target);
  });
});

test('popular, short and scoped names, generations and an own letter in front imitate no other', () => {
  for (const name of [
    'express',
    'preact',
    'vuex',
    'koa2',
    '@scope/expres',
    'webpack5',
    'lodash-es',
    'vitest',
    '@babel/croe',
    '@my-team/core',
    'vue3',
    'express-my-plugin',
    'koa',
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
