import { expect, test } from 'vitest';
import type { PackageManifest } from '@sluice/inspection/inspect';
import { manifest, registry } from '../test/builders.ts';
import { manifestMismatch } from './manifest-mismatch.ts';

function differences(
  archived: Partial<PackageManifest>,
  registered: Partial<PackageManifest> | null = {},
): string[] {
  const view = {
    name: 'a',
    version: '1.0.0',
    registry: registry(),
    file: { file: 'a.tgz', kind: 'tarball', platform: null },
    archived: manifest(archived),
    registered: registered && manifest(registered),
  };
  return [...manifestMismatch.check(view)].map((hit) => hit.title!.split(': ')[1]!);
}

test('a field that makes npm run or install something else is named', () => {
  expect(differences({ scripts: { postinstall: 'node x' } })).toEqual(['script postinstall']);
  expect(differences({}, { scripts: { install: 'make' } })).toEqual(['script install']);
  expect(differences({ dependencies: { x: '1' } })).toEqual(['dependency x']);
  expect(differences({}, { dependencies: { x: '1' } })).toEqual(['dependency x']);
  expect(differences({ dependencies: { constructor: '1' } })).toEqual(['dependency constructor']);
  expect(differences({ dependencies: { x: 'http://x.invalid/x' } }, { dependencies: { x: '^1' } })).toEqual([
    'dependency x',
  ]);
  expect(differences({ bin: { a: 'x.js' } })).toEqual(['bin a']);
  expect(differences({}, { bin: { a: 'x.js' } })).toEqual(['bin a']);
  expect(differences({ bin: { a: 'x.js' } }, { bin: { a: 'y.js' } })).toEqual(['bin a']);
  expect(differences({ main: 'x.js' }, { main: 'y.js' })).toEqual(['main']);
  expect(differences({}, { main: 'y.js' })).toEqual(['main']);
  expect(differences({ scripts: { setup: 'node x' } }, { scripts: { setup: 'node y' } })).toEqual([
    'script setup',
  ]);
});

test('a field that registries and tools change by themselves is no difference', () => {
  expect(differences({}, { scripts: { install: 'node-gyp rebuild' } })).toEqual([]);
  expect(differences({ scripts: { test: 'a' } }, { scripts: { build: 'b' } })).toEqual([]);
  expect(
    differences(
      { optionalDependencies: { x: '1' } },
      { dependencies: { x: '1' }, optionalDependencies: { x: '1' } },
    ),
  ).toEqual([]);
  expect(differences({ dependencies: { x: '1' } }, null)).toEqual([]);
  expect(differences({ bin: { a: './x.js' } }, { bin: { a: 'x.js' } })).toEqual([]);
  expect(differences({ main: './lib/' }, { main: 'lib/' })).toEqual([]);
  expect(differences({}, { main: 'index.js' })).toEqual([]);
  expect(differences({ main: 'x.js' }, {})).toEqual([]);
  expect(
    differences({ dependencies: { x: 'a/b' } }, { dependencies: { x: 'git+ssh://git@github.com/a/b.git' } }),
  ).toEqual([]);
});
