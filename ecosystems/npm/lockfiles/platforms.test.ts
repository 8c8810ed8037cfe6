import { parseSubmission } from '@sluice/intake';
import { describe, expect, it } from 'vitest';
import { npmIntake } from '../intake.ts';

const pin = `sha512-${Buffer.alloc(64, 'a').toString('base64')}`;
const registriesOf = () => ['https://registry.example/'];
const read = (lock: object | string, ...platforms: string[]) => {
  const text = typeof lock === 'string' ? lock : JSON.stringify(lock);
  return parseSubmission(new TextEncoder().encode(text), { intakes: [npmIntake], registriesOf, platforms });
};
/** Each item as its purl, or its name and why it is not assessed. */
const told = (lock: object | string, ...platforms: string[]) =>
  read(lock, ...platforms).items.map(
    ({ purl, name, unassessable }) => purl ?? `${name} ${unassessable!.code}`,
  );
const assessed = 'pkg:npm/a@1.0.0';
const leftOut = 'a source.platform';

const v3 = (packages: object, version = 3) => ({
  lockfileVersion: version,
  packages: { '': { name: 'app' }, ...packages },
});
const entry = (fields: object) => ({ version: '1.0.0', integrity: pin, ...fields });
const other = { optional: true, os: ['win32'], cpu: ['x64'] };

describe('package-lock.json', () => {
  it.each<[string, object, string]>([
    ['optional, for another system', other, leftOut],
    ['optional, for this one', { ...other, os: ['linux'] }, assessed],
    ['optional, for another processor', { optional: true, cpu: 'arm64' }, leftOut],
    ['optional, for another C library', { optional: true, os: ['linux'], libc: ['musl'] }, leftOut],
    ['optional, for any but this system', { optional: true, os: ['!linux'] }, leftOut],
    ['optional, for any but another', { optional: true, os: ['!win32'] }, assessed],
    ['optional, without platforms', { optional: true }, assessed],
    ['optional, with empty lists', { optional: true, os: [], cpu: [] }, assessed],
    ['needed', { os: ['win32'] }, assessed],
    ['needed in development, optional else', { ...other, optional: undefined, devOptional: true }, assessed],
    ['optional, of a system that nobody knows', { ...other, os: ['windows'] }, assessed],
    ['optional, of a system in capitals', { ...other, os: ['Win32'] }, assessed],
    ['optional, of a known and an unknown one', { ...other, os: ['win32', 'plan9'] }, assessed],
    ['optional, for any', { optional: true, os: ['any'] }, assessed],
    ['optional, with a number', { ...other, os: [1] }, assessed],
    ['optional, with an object', { ...other, os: { 0: 'win32' } }, assessed],
    ['optional, negated twice', { ...other, os: ['!!linux'] }, assessed],
  ])('an entry that is %s', (_, fields, is) => {
    expect(told(v3({ 'node_modules/a': entry(fields) }), 'linux-x64-glibc')).toEqual([is]);
  });

  it('is assessed whole for all platforms, and its items still say theirs', () => {
    const [item] = read(v3({ 'node_modules/a': entry(other) })).items;
    expect(item).toMatchObject({ purl: assessed, unassessable: null });
    expect(item!.platforms).toEqual({ os: ['win32'], cpu: ['x64'], libc: [] });
  });

  it('keeps what is left out in the list, with the reason', () => {
    const { items, entryCount } = read(v3({ 'node_modules/a': entry(other) }), 'linux-x64', 'darwin-arm64');
    expect(entryCount).toBe(1);
    expect(items).toMatchObject([
      {
        purl: null,
        name: 'a',
        version: '1.0.0',
        unassessable: {
          message: 'It is for win32-x64, and the request is for linux-x64, darwin-arm64 only.',
        },
      },
    ]);
  });

  it('is assessed for each of several platforms', () => {
    const lock = v3({
      'node_modules/a': entry(other),
      'node_modules/b': entry({ optional: true, os: ['aix'] }),
    });
    expect(told(lock, 'linux-x64', 'win32-x64')).toEqual([assessed, 'b source.platform']);
  });

  it('is assessed where any of its places may be installed', () => {
    const places = (second: object) =>
      v3({ 'node_modules/a': entry(other), 'node_modules/b/node_modules/a': entry(second) });
    expect(told(places(other), 'linux-x64')).toEqual([leftOut]);
    expect(told(places({}), 'linux-x64')).toEqual([assessed]);
    expect(told(places({ ...other, os: ['linux'] }), 'linux-x64')).toEqual([assessed]);
    expect(told(places({ ...other, optional: false }), 'linux-x64')).toEqual([assessed]);
  });

  it('is assessed where it is part of an archive that is placed', () => {
    const lock = v3({
      'node_modules/b': entry({ bundleDependencies: ['a'] }),
      'node_modules/b/node_modules/a': { version: '1.0.0', inBundle: true, ...other },
    });
    expect(told(lock, 'linux-x64')).toEqual(['pkg:npm/b@1.0.0', assessed]);
  });

  it('is left out with the archive that it is part of, unless that is placed anywhere', () => {
    const inner = { version: '1.0.0', inBundle: true, optional: true };
    const packages = {
      'node_modules/b': entry({ ...other, bundleDependencies: ['a'] }),
      'node_modules/b/node_modules/a': inner,
    };
    expect(told(v3(packages), 'linux-x64')).toEqual(['b source.platform', leftOut]);
    const otherPin = `sha512-${Buffer.alloc(64, 'b').toString('base64')}`;
    const also = { 'node_modules/c/node_modules/b': { version: '1.0.0', integrity: otherPin } };
    for (const lock of [v3({ ...packages, ...also }), v3({ ...also, ...packages })]) {
      expect(told(lock, 'linux-x64').toSorted()).toEqual(['b source.platform', assessed, 'pkg:npm/b@1.0.0']);
    }
    const fetched = { ...packages, 'node_modules/b/node_modules/a': entry({ ...inner, integrity: pin }) };
    expect(told(v3(fetched), 'linux-x64')).toEqual(['b source.platform', assessed]);
  });

  it('of a version whose platforms npm reads from the registry is assessed whole', () => {
    expect(told(v3({ 'node_modules/a': entry(other) }, 1), 'linux-x64')).toEqual([assessed]);
    for (const lockfileVersion of [1, 2, 3]) {
      const lock = { lockfileVersion, dependencies: { a: entry(other) } };
      expect(told(lock, 'linux-x64')).toEqual([assessed]);
    }
  });

  it('still says why an entry cannot be assessed on its own platform', () => {
    const git = entry({ ...other, integrity: undefined, resolved: 'git+ssh://git@host.example/a.git#0123' });
    expect(told(v3({ 'node_modules/a': git }), 'linux-x64')).toEqual(['a source.git']);
  });
});

describe('pnpm-lock.yaml', () => {
  const v9 = (fields: string, snapshot: string, group = 'optionalDependencies') => `lockfileVersion: '9.0'
importers:
  .:
    ${group}:
      a: {specifier: 1.0.0, version: 1.0.0}
packages:
  a@1.0.0: {resolution: {integrity: ${pin}}, ${fields}}
snapshots:
  a@1.0.0: {${snapshot}}
`;
  const flag = 'optional: true';
  it.each([
    ['optional, for another system', v9('os: [win32]', flag), leftOut],
    ['optional, for another C library', v9('os: [linux], libc: [musl]', flag), leftOut],
    ['optional, for this system', v9('os: [linux]', flag), assessed],
    ['optional, without the flag that pnpm goes by', v9('os: [win32]', ''), assessed],
    ['optional, with another flag', v9('os: [win32]', 'optional: "true"'), assessed],
    ['needed, with the flag', v9('os: [win32]', flag, 'dependencies'), assessed],
    ['optional, of a system that nobody knows', v9('os: [beos]', flag), assessed],
    ['optional, with a single name', v9('os: win32', flag), leftOut],
  ])('of version 9: %s', (_, lock, is) => expect(told(lock, 'linux-x64-glibc')).toEqual([is]));

  it('of version 9 is assessed where one of its snapshots is needed', () => {
    const lock = v9('os: [win32]', flag) + '  a@1.0.0(p@1.0.0): {}\n';
    expect(told(lock, 'linux-x64')).toEqual([assessed]);
  });

  it.each([
    ['5.4', '/a/1.0.0', '1.0.0'],
    ["'6.0'", '/a@1.0.0', '{specifier: 1.0.0, version: 1.0.0}'],
  ])('of version %s has the flag beside the platforms', (version, key, reference) => {
    const lock = (optional: string) =>
      `lockfileVersion: ${version}\noptionalDependencies:\n  a: ${reference}\npackages:\n  ${key}:\n    resolution: {integrity: ${pin}}\n    os: [darwin]\n${optional}`;
    expect(told(lock('    optional: true\n'), 'linux-x64')).toEqual([leftOut]);
    expect(told(lock(''), 'linux-x64')).toEqual([assessed]);
  });
});

describe('yarn.lock of Yarn 4', () => {
  const berry = (conditions: string, meta = 'true', version = 8) => `__metadata:
  version: ${version}

"a@npm:^1.0.0":
  version: 1.0.0
  resolution: "a@npm:1.0.0"
  conditions: ${conditions}

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    a: "npm:^1.0.0"
  dependenciesMeta:
    a:
      optional: ${meta}
`;
  it.each([
    ['os=win32', leftOut],
    ['os=win32 & cpu=x64', leftOut],
    ['os=linux & cpu=x64 & libc=musl', leftOut],
    ['(os=darwin | os=win32) & cpu=x64', leftOut],
    ['(os=darwin | os=linux) & (cpu=arm64 | cpu=x64)', assessed],
    ['os=linux & cpu=x64 & libc=glibc', assessed],
    ['os=beos', assessed],
    // Yarn itself does not read these.
    ['"os=!win32"', assessed],
    ['os=win32 | cpu=arm64', assessed],
    ['(os=win32 | cpu=arm64)', assessed],
    ['os=win32 & os=darwin', assessed],
    ['"!os=linux"', assessed],
    ['[win32]', assessed],
    ['""', assessed],
  ])('with the conditions %s', (conditions, is) => {
    expect(told(berry(conditions), 'linux-x64-glibc')[0]).toBe(is);
  });

  it('is assessed where a dependency on it is not optional, or none is known', () => {
    expect(told(berry('os=win32', 'false'), 'linux-x64')[0]).toBe(assessed);
    const needs =
      '\n"b@npm:1.0.0":\n  version: 1.0.0\n  resolution: "b@npm:1.0.0"\n  dependencies:\n    a: "npm:^1.0.0"\n';
    expect(told(berry('os=win32') + needs, 'linux-x64')[0]).toBe(assessed);
    expect(
      told(berry('os=win32').replace('    a: "npm:^1.0.0"', '    c: "npm:^1.0.0"'), 'linux-x64')[0],
    ).toBe(assessed);
  });

  it('of a version whose conditions newer ones read from the registry is assessed whole', () => {
    expect(told(berry('os=win32', 'true', 6), 'linux-x64')[0]).toBe(assessed);
  });
});
