import type { AssessmentView, PackageManifest } from '@sluice/inspection/inspect';
import { expect, it } from 'vitest';
import { manifestOf, readCoreMetadata } from '../core-metadata.ts';
import { manifestIdentity } from './manifest-identity.ts';
import { manifestMismatch } from './manifest-mismatch.ts';

const manifest = (
  name: string,
  version: string,
  requires: string[] = [],
  isSdist = false,
): PackageManifest => ({
  ...manifestOf(
    readCoreMetadata(
      [`Name: ${name}`, `Version: ${version}`, ...requires.map((one) => `Requires-Dist: ${one}`), ''].join(
        '\n',
      ),
    ),
  ),
  scripts: isSdist ? { build: 'setuptools' } : {},
});

function titles(
  kind: 'wheel' | 'sdist',
  archived: PackageManifest | null,
  registered: PackageManifest | null,
): string[] {
  const view = {
    name: 'my-package',
    version: '1.0',
    file: { file: 'x', kind },
    archived,
    registered,
  } as unknown as AssessmentView;
  return [manifestIdentity, manifestMismatch].flatMap((rule) =>
    [...rule.check(view)].map(({ title }) => title ?? rule.title),
  );
}

it.each<[string, string[], string[]]>([
  [
    'another spelling of name and version',
    titles('wheel', manifest('My_Package', '1.0.0'), manifest('my.package', 'v1')),
    [],
  ],
  ['another name', titles('wheel', manifest('other', '1.0'), null), ['The archive states another name']],
  [
    'another version',
    titles('wheel', null, manifest('my-package', '2.0')),
    ['The registry states another version'],
  ],
  [
    'a source under the name of a wheel',
    titles('wheel', manifest('my-package', '1.0', [], true), null),
    ['By its name it is a wheel, by its content it is none'],
  ],
  [
    'the same dependencies in another spelling',
    titles(
      'wheel',
      manifest('my-package', '1.0', ['Typing_Extensions (>=4)']),
      manifest('my-package', '1.0', ['typing-extensions>=4']),
    ),
    [],
  ],
  [
    'a dependency that the registry does not state',
    titles('wheel', manifest('my-package', '1.0', ['evil']), manifest('my-package', '1.0')),
    ["The wheel's dependencies differ from the registry's: evil"],
  ],
  [
    'dependencies of a source',
    titles('sdist', manifest('my-package', '1.0', ['a'], true), manifest('my-package', '1.0')),
    [],
  ],
])('%s', (_title, found, expected) => expect(found).toEqual(expected));
