import { expect, it } from 'vitest';
import { documentIntakes } from '../test/document-cases.ts';
import { chooseFiles } from './choose-files.ts';

const intakes = [
  {
    ...documentIntakes[0]!,
    installedFolders: ['installed'],
    shadows: { 'a.lock': 'b.lock' },
    formats: ['a.lock', 'b.lock'].map((name) => ({
      id: name,
      fileName: new RegExp(`^${name.replace('.', '\\.')}$`),
      fits: () => false,
      parse: () => ({ format: name, projectName: null, entryCount: 0, items: [] }),
    })),
  },
];
const choose = (paths: string[], isContentRead = true) =>
  chooseFiles(paths, { intakes, depthMax: 2, isContentRead }).map((choice) =>
    choice.kind === 'ignore' ? choice.reason.code : choice.kind,
  );

it.each([
  ['a.lock', 'read', 'read'],
  ['x/y/b.lock', 'read', 'read'],
  ['x/y/z/b.lock', 'file.too-deep', 'file.too-deep'],
  ['installed/p/b.lock', 'file.installed', 'file.installed'],
  ['x/.git/b.lock', 'file.hidden', 'file.hidden'],
  ['bom.json', 'read', 'file.other'],
  ['x/anything.json', 'offer', 'file.other'],
  ['README.md', 'file.other', 'file.other'],
  ['x/inner.zip', 'file.archive', 'file.archive'],
])('%s: %s in an upload, %s where names alone count', (path, inUpload, byName) => {
  expect(choose([path])).toEqual([inUpload]);
  expect(choose([path], false)).toEqual([byName]);
});

it('leaves out a file that is not read for another one beside it, and only there', () => {
  const paths = ['x/a.lock', 'x/b.lock', 'a.lock', 'y/b.lock'];
  expect(choose(paths)).toEqual(['file.shadowed', 'read', 'read', 'read']);
});
