import { describe, expect, it } from 'vitest';
import { parseSubmission } from '@sluice/intake';
import { npmIntake } from '../intake.ts';

const pin = `sha512-${Buffer.alloc(64, 'a').toString('base64')}`;
const options = { intakes: [npmIntake], registriesOf: () => ['https://registry.example/'] };
const parse = (text: string) => parseSubmission(new TextEncoder().encode(text), options);
const codeOf = (text: string) => {
  try {
    parse(text);
    return 'read';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
/** Each item as its purl, or its name and why it cannot be assessed, with its notes and flags. */
const told = (text: string) =>
  parse(text).items.map(({ purl, name, unassessable, notes, pins, dev, optional, direct }) =>
    [
      purl ?? `${name} ${unassessable!.code}`,
      ...notes.map(({ code }) => code),
      ...(pins.length > 0 ? ['pinned'] : []),
      ...Object.entries({ dev, optional, direct }).flatMap(([flag, is]) => (is ? [flag] : [])),
    ].join(' '),
  );

describe('pnpm-lock.yaml', () => {
  const v9 = (importer: string, packages: string, snapshots: string) =>
    `lockfileVersion: '9.0'\n\nimporters:\n  .:\n${importer}\npackages:\n${packages}\nsnapshots:\n${snapshots}`;

  it('of version 9: peers are left out of versions, aliases are the packages that they stand for', () => {
    expect(
      told(
        v9(
          `    dependencies:
      a: {specifier: ^1.0.0, version: '1.0.0(p@2.0.0)'}
      other: {specifier: 'npm:@s/b@^3.0.0', version: '@s/b@3.0.0'}
    devDependencies:
      d: {specifier: ^1.0.0, version: 1.0.0}
    optionalDependencies:
      o: {specifier: ^1.0.0, version: 1.0.0}
`,
          `  a@1.0.0: {resolution: {integrity: ${pin}}}
  '@s/b@3.0.0': {resolution: {integrity: ${pin}}}
  d@1.0.0: {resolution: {integrity: ${pin}}}
  o@1.0.0: {resolution: {integrity: ${pin}}}
  p@2.0.0: {resolution: {integrity: ${pin}}}
`,
          `  a@1.0.0(p@2.0.0): {dependencies: {p: 2.0.0}}
  '@s/b@3.0.0': {}
  d@1.0.0: {}
  o@1.0.0: {}
  p@2.0.0: {}
`,
        ),
      ),
    ).toEqual([
      'pkg:npm/a@1.0.0 pinned direct',
      'pkg:npm/%40s/b@3.0.0 pinned direct',
      'pkg:npm/d@1.0.0 pinned dev direct',
      'pkg:npm/o@1.0.0 pinned optional direct',
      'pkg:npm/p@2.0.0 pinned',
    ]);
  });

  it.each([
    ['5.4', '/@s/b/3.0.0_p@2.0.0', '3.0.0_p@2.0.0'],
    ["'6.0'", '/@s/b@3.0.0(p@2.0.0)', '3.0.0(p@2.0.0)'],
  ])('of version %s', (version, key, reference) => {
    const lock = `lockfileVersion: ${version}\n\ndependencies:\n  '@s/b': ${version === '5.4' ? reference : `{specifier: ^3.0.0, version: '${reference}'}`}\n\npackages:\n\n  '${key}':\n    resolution: {integrity: ${pin}}\n    dev: false\n`;
    expect(told(lock)).toEqual(['pkg:npm/%40s/b@3.0.0 pinned direct']);
  });

  it.each([
    ['resolution: {type: git, repo: https://git.example/a, commit: abc}', 'a source.git'],
    ['resolution: {type: directory, directory: ../a}', 'a source.file'],
    ['resolution: {tarball: https://files.example/a.zip}', 'a source.url'],
    ['resolution: {tarball: file:../a.tgz}', 'a source.file'],
    ['resolution: {type: binary, url: https://files.example/node}', 'a source.url'],
    ['name: a', 'a source.unreadable'],
    [
      `resolution: {integrity: ${pin}, tarball: https://files.example/a/-/a-1.0.0.tgz}`,
      'pkg:npm/a@1.0.0 resolved.elsewhere pinned',
    ],
    [
      `resolution: {integrity: ${pin}, tarball: https://registry.example/evil/-/evil-6.6.6.tgz}`,
      'pkg:npm/evil@6.6.6 source.contradiction pinned',
    ],
    [`resolution: {integrity: ${pin}}\n    version: 2.0.0`, 'pkg:npm/a@2.0.0 pinned'],
  ])('an entry with %j is %s', (fields, is) => {
    const items = told(
      v9(
        '    dependencies:\n      a: {specifier: x, version: 1.0.0}\n',
        `  a@1.0.0:\n    ${fields}\n`,
        '  a@1.0.0: {}\n',
      ),
    );
    expect(items).toEqual([`${is} direct`]);
  });

  it('lists links, patches, and what is needed and has no entry', () => {
    expect(
      told(
        v9(
          `    dependencies:
      a: {specifier: 1.0.0, version: 1.0.0(patch_hash=abc)}
      gone: {specifier: 1.0.0, version: 1.0.0}
      own: {specifier: 'workspace:*', version: link:packages/own}
`,
          `  a@1.0.0: {resolution: {integrity: ${pin}}}\n`,
          `  a@1.0.0(patch_hash=abc): {dependencies: {lost: 2.0.0}}\n`,
        ),
      ).toSorted(),
    ).toEqual([
      'gone@1.0.0 source.missing',
      'lost@2.0.0 source.missing',
      'own source.link',
      'pkg:npm/a@1.0.0 source.patched pinned direct',
    ]);
  });

  it('reads both documents of a file that has two', () => {
    const one = (name: string) =>
      v9(
        `    dependencies:\n      ${name}: {specifier: x, version: 1.0.0}\n`,
        `  ${name}@1.0.0: {resolution: {integrity: ${pin}}}\n`,
        `  ${name}@1.0.0: {}\n`,
      );
    expect(told(`---\n${one('a')}---\n${one('b')}`)).toEqual([
      'pkg:npm/a@1.0.0 pinned direct',
      'pkg:npm/b@1.0.0 pinned direct',
    ]);
  });
});

describe('yarn.lock of Yarn 1', () => {
  const v1 = (entries: string) => `# THIS IS AN AUTOGENERATED FILE.\n# yarn lockfile v1\n\n\n${entries}`;
  const at = (name: string, version = '1.0.0') =>
    `  version "${version}"\n  resolved "https://registry.example/${name}/-/${name}-${version}.tgz#${'ab'.repeat(20)}"\n`;

  it('one entry of several patterns is one package version; the hash of its address is a pin', () => {
    expect(told(v1(`a@^1.0.0, a@~1.0.0:\n${at('a')}`))).toEqual(['pkg:npm/a@1.0.0 pinned']);
    expect(parse(v1(`a@^1.0.0:\n${at('a')}  integrity ${pin}\n`)).items[0]!.pins).toMatchObject([
      { algorithm: 'sha512' },
    ]);
  });

  it.each([
    [`"b@npm:a@^1.0.0":\n${at('a')}`, 'pkg:npm/a@1.0.0 pinned'],
    [
      `a@^1.0.0:\n  version "1.0.0"\n  resolved "https://registry.example/evil/-/evil-6.6.6.tgz"\n`,
      'pkg:npm/evil@6.6.6 source.contradiction',
    ],
    [
      `a@^1.0.0:\n  version "1.0.0"\n  resolved "https://files.example/a/-/a-1.0.0.tgz"\n`,
      'pkg:npm/a@1.0.0 source.unpinned',
    ],
    [`a@^1.0.0:\n  version "1.0.0"\n`, 'a source.version'],
    [`"a@file:../a":\n  version "1.0.0"\n`, 'a source.version'],
    [
      `"a@git+ssh://git@git.example/a.git":\n  version "1.0.0"\n  resolved "git+ssh://git@git.example/a.git#${'ab'.repeat(20)}"\n`,
      'a source.git',
    ],
    [
      `a@u/a:\n  version "1.0.0"\n  resolved "https://codeload.git.example/u/a/tar.gz/${'ab'.repeat(20)}"\n`,
      'a source.url',
    ],
  ])('%j is %s', (entry, is) => expect(told(v1(entry))).toEqual([is]));

  it('lists a dependency of which there is no entry', () => {
    expect(told(v1(`a@^1.0.0:\n${at('a')}  dependencies:\n    b "^1.0.0"\n`))).toEqual([
      'pkg:npm/a@1.0.0 pinned',
      'b source.missing',
    ]);
  });
});

describe('yarn.lock of Yarn 2 and newer', () => {
  const berry = (entries: string, version = 8) =>
    `__metadata:\n  version: ${version}\n  cacheKey: 10c0\n\n${entries}`;
  const entry = (key: string, resolution: string, more = '') =>
    `"${key}":\n  version: 1.0.0\n  resolution: "${resolution}"\n${more}  checksum: 10c0/${'ab'.repeat(64)}\n  languageName: node\n  linkType: hard\n`;

  it('knows what the project asks for, and pins nothing', () => {
    const project = `"app@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "app@workspace:."\n  dependencies:\n    a: "npm:^1.0.0"\n  languageName: unknown\n  linkType: soft\n`;
    expect(told(berry(entry('a@npm:^1.0.0', 'a@npm:1.0.0') + project))).toEqual([
      'pkg:npm/a@1.0.0 direct',
      'app source.workspace',
    ]);
  });

  it.each([
    ['b@npm:a@^1.0.0', 'a@npm:1.0.0', 'pkg:npm/a@1.0.0'],
    ['@s/a@npm:^1.0.0', '@s/a@npm:1.0.0', 'pkg:npm/%40s/a@1.0.0'],
    [
      'a@npm:^1.0.0',
      'a@npm:1.0.0::__archiveUrl=https%3A%2F%2Ffiles.example%2Fa%2F-%2Fa-1.0.0.tgz',
      'pkg:npm/a@1.0.0 source.unpinned',
    ],
    [
      'a@patch:a@npm%3A1.0.0#~/.yarn/patches/a.patch',
      'a@patch:a@npm%3A1.0.0#~/.yarn/patches/a.patch::version=1.0.0&hash=abc',
      'pkg:npm/a@1.0.0 source.patched',
    ],
    [
      'a@patch:a@npm%3A1.0.0#optional!builtin<compat/fsevents>',
      'a@patch:a@npm%3A1.0.0#optional!builtin<compat/fsevents>::version=1.0.0&hash=abc',
      'pkg:npm/a@1.0.0',
    ],
    ['a@https://git.example/a.git', 'a@https://git.example/a.git#commit=abc', 'a source.git'],
    ['a@https://files.example/a.tgz', 'a@https://files.example/a.tgz', 'a source.url'],
    ['a@portal:../a', 'a@portal:../a::locator=app%40workspace%3A.', 'a source.file'],
    ['a@exec:./make.js', 'a@exec:./make.js', 'a source.file'],
    ['a@npm:latest', 'a@npm:latest', 'a source.version'],
    ['a@npm:^1.0.0', 'a@evil:1.0.0', 'a source.url'],
  ])('%s as %s is %s', (key, resolution, is) => expect(told(berry(entry(key, resolution)))).toEqual([is]));
});

describe('what is broken', () => {
  it.each([
    ["lockfileVersion: '10.0'\n", 'lockfile.unknown-version'],
    ["lockfileVersion: '9.0'\npackages: [a]\n", 'lockfile.invalid'],
    ["lockfileVersion: '9.0'\npackages: {a: 1}\n", 'lockfile.invalid'],
    ["lockfileVersion: '9.0'\npackages: &a\n  b: *a\n", 'lockfile.invalid'],
    ["lockfileVersion: '9.0'\npackages: {}\npackages: {}\n", 'lockfile.invalid'],
    [`lockfileVersion: '9.0'\npackages: ${'['.repeat(500)}\n`, 'lockfile.invalid'],
    ["lockfileVersion: '9.0'\npackages:\n  __proto__: {}\n", 'input.unsafe-key'],
    ["lockfileVersion: '9.0'\npackages: {'../x@1.0.0': {resolution: {integrity: sha512-x}}}\n", 'read'],
    ['__metadata:\n  version: 99\n', 'lockfile.unknown-version'],
    ['__metadata: 8\n', 'lockfile.invalid'],
    ['__metadata:\n  version: 8\n"a@npm:1":\n  version: 1\n', 'lockfile.invalid'],
    ['# yarn lockfile v2\n', 'lockfile.unknown-version'],
    ['# yarn lockfile v1\n\na@^1:\n  version 1 2 {\n', 'lockfile.invalid'],
    [
      '# yarn lockfile v1\n\n<<<<<<< ours\na@^1:\n  version "1.0.0"\n=======\na@^1:\n  version "2.0.0"\n>>>>>>> theirs\n',
      'lockfile.invalid',
    ],
  ])('%j: %s', (text, code) => expect(codeOf(text)).toBe(code));
});
