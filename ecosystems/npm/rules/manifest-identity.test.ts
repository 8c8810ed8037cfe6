import { expect, test } from 'vitest';
import type { PackageManifest } from '@sluice/inspection/inspect';
import { manifest, registry } from '../test/builders.ts';
import { manifestIdentity } from './manifest-identity.ts';

function titles(
  asked: [name: string, version: string],
  archived: Partial<PackageManifest> | null,
  registered: Partial<PackageManifest> | null = { name: asked[0], version: asked[1] },
): (string | undefined)[] {
  const view = {
    name: asked[0],
    version: asked[1],
    registry: registry(),
    file: { file: 'a.tgz', kind: 'tarball', platform: null },
    archived: archived && manifest({ name: asked[0], version: asked[1], ...archived }),
    registered: registered && manifest(registered),
  };
  return [...manifestIdentity.check(view)].map((hit) => hit.title);
}

const archive = "The archive's package.json has";
const stated = "The registry's manifest has";

test.each<[string, Partial<PackageManifest>, string[]]>([
  ['the same', {}, []],
  ['another name', { name: 'b' }, [`${archive} another name`]],
  ['a name of other capitals', { name: 'jsonstream' }, [`${archive} another name`]],
  ['a name with a space', { name: 'JSONStream ' }, [`${archive} another name`]],
  ['no name', { name: null }, [`${archive} no name`]],
  ['another version', { version: '1.3.6' }, [`${archive} another version`]],
  ['a version of another precision', { version: '1.3' }, [`${archive} another version`]],
  ['a prerelease', { version: '1.3.5-0' }, [`${archive} another version`]],
  ['no version', { version: null }, [`${archive} no version`]],
  ['a leading v', { version: 'v1.3.5' }, []],
  ['build metadata', { version: '1.3.5+build.7' }, []],
])('an archive with %s', (_, archived, expected) => {
  expect(titles(['JSONStream', '1.3.5'], archived)).toEqual(expected);
});

test('a registry that says another name or version under the key that was asked for', () => {
  expect(titles(['a', '1.0.0'], {}, { name: 'a', version: '9.9.9' })).toEqual([`${stated} another version`]);
  expect(titles(['a', '1.0.0'], {}, { name: 'lodash', version: '4.17.21' })).toEqual([
    `${stated} another name`,
    `${stated} another version`,
  ]);
  expect(titles(['a', '1.0.0'], null, { name: 'A', version: null })).toEqual([
    `${stated} another name`,
    `${stated} no version`,
  ]);
});

test('versions that are no semantic versions have to be the same text', () => {
  expect(titles(['a', '1.0'], { version: '1.0' })).toEqual([]);
  expect(titles(['a', '1.0'], { version: '1.0 ' })).toEqual([`${archive} another version`]);
});
