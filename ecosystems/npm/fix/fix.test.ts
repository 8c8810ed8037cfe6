import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { fakeNpmRegistry } from '../fake/testkit.ts';
import { npmFixer } from './index.ts';

const bytes = (packages: object) => Buffer.from(JSON.stringify({ lockfileVersion: 3, packages }));
const planOf = (packages: object, approved: Record<string, string[]>) =>
  npmFixer.plan(bytes(packages), new Map(Object.entries(approved)));
const at = (version: string, more: object = {}) => ({
  version,
  resolved: `https://registry.example/x-${version}.tgz`,
  ...more,
});

describe('a held package version', () => {
  const lock = (version: string, range: string) => ({
    '': { dependencies: { a: '^1.0.0' } },
    'node_modules/a': at('1.0.0', { dependencies: { b: range } }),
    'node_modules/b': at(version),
  });
  const b = (version: string, range: string, approved: string[]) =>
    planOf(lock(version, range), { a: ['1.0.0'], b: approved });

  it.each([
    [
      'the highest below it of the same major',
      '2.5.0',
      '>=1.0.0',
      ['1.9.0', '2.1.0', '2.4.0', '2.6.0'],
      '2.4.0',
    ],
    [
      'the highest below it, where its major has none',
      '2.5.0',
      '>=1.0.0',
      ['1.0.0', '1.9.0', '2.6.0'],
      '1.9.0',
    ],
    ['the lowest above it, where there is none below', '2.5.0', '>=1.0.0', ['2.6.0', '3.0.0'], '2.6.0'],
    ['one that its range has', '2.5.0', '~2.5.0', ['2.4.0', '2.5.3'], '2.5.3'],
    ['no pre-release that its range has not', '2.5.0', '^2.0.0', ['2.4.0', '2.5.0-rc.1'], '2.4.0'],
  ])('is replaced by %s', (_, version, range, approved, to) => {
    const plan = b(version, range, approved);
    expect(plan.fixes).toEqual([{ name: 'b', from: version, to, ranges: [range] }]);
    expect(plan.patch).toEqual({ overrides: { 'a@^1.0.0': { b: to } } });
    expect(plan.impossible).toEqual([]);
  });

  it.each([
    ['nothing is approved', '^2.0.0', [], /No version of it is approved/],
    [
      'nothing approved is in the range',
      '~2.5.0',
      ['2.4.0', '3.0.0'],
      /No approved version is in ~2\.5\.0.*3\.0\.0/,
    ],
    ['it is asked for by a tag', 'latest', ['2.4.0'], /"latest", which is no range/],
  ])('is impossible to replace where %s', (_, range, approved, why) => {
    const plan = b('2.5.0', range, approved);
    expect(plan).toMatchObject({ fixes: [], patch: {} });
    expect(plan.impossible).toMatchObject([{ name: 'b', version: '2.5.0' }]);
    expect(plan.impossible[0]!.why).toMatch(why);
  });
});

it('approved package versions, links and git dependencies are left alone', () => {
  const plan = planOf(
    {
      '': { dependencies: { a: '^1.0.0', local: 'file:local', fork: 'github:acme/fork' } },
      'node_modules/a': at('1.0.0'),
      'node_modules/local': { link: true, resolved: 'local' },
      local: { version: '1.0.0' },
      'node_modules/fork': { version: '1.0.0', resolved: 'git+ssh://git@git.example/acme/fork.git#abc' },
    },
    { a: ['1.0.0'] },
  );
  expect(plan).toEqual({ fixes: [], impossible: [], patch: {} });
});

it('all that resolve to a place have to agree, and each place is replaced for those that see it', () => {
  const plan = planOf(
    {
      '': { dependencies: { a: '^1.0.0', c: '^1.0.0', b: '^2.0.0' } },
      'node_modules/a': at('1.0.0', { dependencies: { b: '^1.0.0' } }),
      'node_modules/a/node_modules/b': at('1.5.0'),
      'node_modules/b': at('2.5.0'),
      'node_modules/c': at('1.0.0', { dependencies: { b: '>=2.3.0' } }),
    },
    { a: ['1.0.0'], c: ['1.0.0'], b: ['1.4.0', '2.2.0', '2.3.0'] },
  );
  expect(plan.fixes).toEqual([
    { name: 'b', from: '1.5.0', to: '1.4.0', ranges: ['^1.0.0'] },
    { name: 'b', from: '2.5.0', to: '2.3.0', ranges: ['>=2.3.0', '^2.0.0'] },
  ]);
  expect(plan.patch).toEqual({
    dependencies: { b: '2.3.0' },
    overrides: { 'a@^1.0.0': { b: '1.4.0' }, 'c@^1.0.0': { b: '2.3.0' } },
  });
});

it('what is bundled cannot be replaced by itself', () => {
  const plan = planOf(
    {
      '': { dependencies: { a: '^1.0.0' } },
      'node_modules/a': at('1.0.0', { dependencies: { b: '^1.0.0' } }),
      'node_modules/a/node_modules/b': { version: '1.5.0', inBundle: true },
    },
    { a: ['1.0.0'], b: ['1.4.0'] },
  );
  expect(plan.impossible).toMatchObject([{ name: 'b', why: expect.stringContaining('inside the archive') }]);
});

it('a development dependency stays one, and a workspace’s own has to be changed there', () => {
  const approved = { a: ['1.0.0'] };
  expect(
    planOf({ '': { devDependencies: { a: '^1.0.0' } }, 'node_modules/a': at('1.1.0') }, approved).patch,
  ).toEqual({ devDependencies: { a: '1.0.0' } });
  const plan = planOf(
    {
      '': {},
      'packages/web': { version: '1.0.0', dependencies: { a: '^1.0.0' } },
      'node_modules/a': at('1.1.0'),
    },
    approved,
  );
  expect(plan.impossible).toMatchObject([{ why: expect.stringContaining('packages/web') }]);
});

it('an alias stays one', () => {
  const plan = planOf(
    {
      '': { dependencies: { old: 'npm:@acme/b@^1.0.0' } },
      'node_modules/old': at('1.5.0', { name: '@acme/b' }),
    },
    { '@acme/b': ['1.4.0'] },
  );
  expect(plan.patch).toEqual({ dependencies: { old: 'npm:@acme/b@1.4.0' } });
});

it.each(['{}', '{"lockfileVersion":1,"dependencies":{}}', '[]'])(
  'a lockfile without packages is refused: %s',
  (text) => {
    expect(() => npmFixer.packages(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'lockfile.invalid' }),
    );
  },
);

describe('npm itself', async () => {
  const registry = await fakeNpmRegistry();
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-fix-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const npm = (...args: string[]) =>
    promisify(execFile)(
      'npm',
      [...args, '--registry', registry.url, '--cache', path.join(folder, 'cache'), '--no-audit', '--no-fund'],
      {
        cwd: folder,
      },
    );

  it('makes a lockfile of approved versions alone from the patch', async () => {
    registry.publish({
      name: 'a',
      version: '1.0.0',
      manifest: { dependencies: { b: '^1.0.0', deep: '^1.0.0' } },
    });
    registry.publish({ name: 'deep', version: '1.0.0', manifest: { dependencies: { b: '^1.0.0' } } });
    for (const version of ['1.4.0', '1.5.0', '2.3.0', '2.5.0']) registry.publish({ name: 'b', version });
    const manifest = { name: 'project', version: '1.0.0', dependencies: { a: '^1.0.0', b: '^2.0.0' } };
    const manifestFile = path.join(folder, 'package.json');
    const lockFile = path.join(folder, 'package-lock.json');
    await writeFile(manifestFile, JSON.stringify(manifest));
    await npm('install', '--package-lock-only');
    const approved = new Map([
      ['a', ['1.0.0']],
      ['deep', ['1.0.0']],
      ['b', ['1.4.0', '2.3.0']],
    ]);
    const plan = npmFixer.plan(await readFile(lockFile), approved);
    expect(new Set(plan.fixes.map(({ from, to }) => `${from} ${to}`))).toEqual(
      new Set(['1.5.0 1.4.0', '2.5.0 2.3.0']),
    );
    const { dependencies, ...rest } = plan.patch as { dependencies: object };
    const patched = { ...manifest, ...rest, dependencies: { ...manifest.dependencies, ...dependencies } };
    await writeFile(manifestFile, JSON.stringify(patched));
    await npm('install', '--package-lock-only');
    expect(npmFixer.plan(await readFile(lockFile), approved)).toEqual({
      fixes: [],
      impossible: [],
      patch: {},
    });
  }, 60_000);
});
