import { expect, it } from 'vitest';
import { packageLock } from './package-lock.ts';

const packages = [
  { name: 'a', version: '1.0.0', integrity: 'sha512-AA==', dependencies: { b: '^2.0.0' } },
  { name: 'b', version: '2.0.0', inside: 'node_modules/a', dev: true },
  { name: 'c', version: '3.0.0', alias: 'real' },
];

it('writes version 1 as nested dependencies only', () => {
  expect(JSON.parse(packageLock(1, packages))).toMatchObject({
    lockfileVersion: 1,
    dependencies: {
      a: {
        version: '1.0.0',
        requires: { b: '^2.0.0' },
        dependencies: { b: { version: '2.0.0', dev: true } },
      },
      c: { version: 'npm:real@3.0.0' },
    },
  });
  expect(JSON.parse(packageLock(1, packages))).not.toHaveProperty('packages');
});

it('writes version 3 as flat packages only', () => {
  const lock = JSON.parse(packageLock(3, packages)) as { packages: Record<string, unknown> };
  expect(Object.keys(lock.packages)).toEqual([
    '',
    'node_modules/a',
    'node_modules/a/node_modules/b',
    'node_modules/c',
  ]);
  expect(lock.packages['node_modules/c']).toEqual({ name: 'real', version: '3.0.0' });
  expect(lock).not.toHaveProperty('dependencies');
});

it('writes both in version 2', () => {
  expect(Object.keys(JSON.parse(packageLock(2, packages)) as object)).toEqual(
    expect.arrayContaining(['packages', 'dependencies']),
  );
});
