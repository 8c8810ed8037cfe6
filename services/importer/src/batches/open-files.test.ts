import { expect, it } from 'vitest';
import { createLogger } from '@sluice/runtime';
import { intakes } from '@sluice/ecosystems/intake';
import type { ImporterDeps } from '../deps.ts';
import type { SourceFile } from '../sources/file-source.ts';
import { openFiles } from './open-files.ts';

it('refuses a lockfile that is a link, and names other links and submodules', async () => {
  const files: SourceFile[] = [
    { path: 'web/package-lock.json', sizeBytes: null, standsFor: 'link' },
    { path: 'docs/latest', sizeBytes: null, standsFor: 'link' },
    { path: 'vendor/library', sizeBytes: null, standsFor: 'submodule' },
  ];
  const source = { files, read: () => Promise.resolve() };
  const deps = {
    intakes,
    registriesOf: () => [],
    log: createLogger('importer', 'silent'),
  } as Partial<ImporterDeps> as ImporterDeps;
  const opened = await openFiles(source, { platforms: [], isContentRead: false, idOf: (path) => path }, deps);
  expect(opened.files.map(({ path, result, reason }) => [path, result, reason?.code])).toEqual([
    ['web/package-lock.json', 'refused', 'file.link'],
    ['docs/latest', 'ignored', 'file.other'],
    ['vendor/library', 'ignored', 'file.submodule'],
  ]);
  expect(opened.requests).toEqual([]);
});
