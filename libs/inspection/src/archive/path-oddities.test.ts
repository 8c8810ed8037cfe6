import { expect, test } from 'vitest';
import { chunksOf, tar } from '@sluice/testkit';
import { withoutFolder } from './entry-path.ts';
import { readTarball } from './read-tarball.ts';

const options = { placedPath: withoutFolder };

async function kindsOf(path: string): Promise<string> {
  const type = path.endsWith('/') ? '5' : '0';
  const { notes } = await readTarball(chunksOf(tar([{ path, type, body: '' }])), () => null, options);
  return notes.map(({ kind }) => kind).join();
}

test.each([
  'CON',
  'nul',
  'lib/COM1.txt',
  'aux.js',
  'lpt9 .x',
  'conin$',
  'com¹',
  'a:stream',
  'index.js:x',
  'x. ',
  'dir./a',
  'a ',
  'what?.js',
  'a*b',
  'a|b',
  'INDEX~1.JS',
])('the path %s is another one on Windows', async (path) => {
  expect(await kindsOf(`package/${path}`)).toBe('windows-path');
});

test.each([
  'console.js',
  'com.js',
  'com10',
  'auxiliary',
  'a.b.c',
  '.npmignore',
  'a b',
  'lib/nullable.js',
  '~a',
  'v1~2-x.json',
])('the path %s is the same everywhere', async (path) => {
  expect(await kindsOf(`package/${path}`)).toBe('');
});

test.each(['a\u0007', 'a\u202egnp.js', 'a\u200b.js', 'a\u2028b', 'dir\u2066/a', 'a\u3164', 'a\uf03ab'])(
  'the path %j has characters that are not seen',
  async (path) => {
    expect(await kindsOf(`package/${path}`)).toBe('invisible-path');
    expect(await kindsOf(`package/${path}/`)).toBe('invisible-path');
  },
);
