import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSubmission } from '@sluice/intake';
import { npmIntake } from '../intake.ts';

/** Small lockfiles that were once read otherwise than npm reads them; each with what npm places. */
const options = { intakes: [npmIntake], registriesOf: () => ['https://registry.example/'] };
const pin = `sha512-${Buffer.alloc(64, 'a').toString('base64')}`;

function parse(lockfile: unknown) {
  const text = typeof lockfile === 'string' ? lockfile : JSON.stringify(lockfile);
  return parseSubmission(new TextEncoder().encode(text), options).items;
}
const readCase = (name: string) =>
  parse(readFileSync(new URL(`../fixtures/cases/${name}.json`, import.meta.url), 'utf8'));
const v3 = (entry: Record<string, unknown>, place = 'node_modules/widget') =>
  parse({ lockfileVersion: 3, packages: { [place]: entry } });
const codesOf = (items: ReturnType<typeof parse>) =>
  items.flatMap(({ notes, unassessable }) => [
    ...notes.map(({ code }) => code),
    ...(unassessable ? [unassessable.code] : []),
  ]);

describe('which half counts', () => {
  it('reads packages whenever it is there, under any lockfileVersion', () => {
    expect(readCase('lock-version-1-with-packages')).toMatchObject([
      { purl: 'pkg:npm/other@6.6.6', notes: [{ code: 'source.contradiction' }] },
    ]);
  });

  it.each([1, 2, 3])('reads dependencies of version %i without packages', (lockfileVersion) => {
    for (const packages of [undefined, null, false, '']) {
      const items = parse({ lockfileVersion, packages, dependencies: { a: { version: '1.0.0' } } });
      expect(items.map(({ purl }) => purl)).toEqual(['pkg:npm/a@1.0.0']);
    }
  });

  it('takes empty packages for packages', () => {
    expect(parse({ lockfileVersion: 2, packages: {}, dependencies: { a: { version: '1.0.0' } } })).toEqual(
      [],
    );
  });

  it('skips a byte-order mark', () => {
    expect(parse('\uFEFF{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0"}}}')).toHaveLength(1);
  });
});

describe('places', () => {
  it('turns backslashes into slashes, as npm does on every system', () => {
    expect(readCase('lock-backslash-place')).toMatchObject([
      { purl: 'pkg:npm/other@6.6.6', paths: ['node_modules/other'] },
    ]);
  });

  it.each([
    './node_modules/widget',
    'node_modules//widget',
    'node_modules/./widget/',
    'x/../node_modules/widget',
  ])('reads %s as npm resolves it', (place) => {
    expect(v3({ version: '1.0.0' }, place)).toMatchObject([
      { purl: 'pkg:npm/widget@1.0.0', paths: ['node_modules/widget'] },
    ]);
  });

  it.each(['node_modules/widget/lib', 'node_modules/@acme', 'node_modules', 'Node_Modules/widget'])(
    'lists %s as no place of a package',
    (place) => {
      expect(codesOf(v3({ version: '1.0.0' }, place))).toEqual(['source.place']);
    },
  );

  it('keeps names of other letters apart', () => {
    expect(readCase('lock-capital-letters').map(({ purl }) => purl)).toEqual([
      'pkg:npm/JSONStream@1.0.3',
      'pkg:npm/jsonstream@1.0.3',
    ]);
  });
});

describe('addresses', () => {
  it.each([
    ['another host', 'https://files.elsewhere.example/widget/-/widget-1.2.3.tgz'],
    ['another port', 'https://registry.example:8443/widget/-/widget-1.2.3.tgz'],
    ['plain http', 'http://registry.example/widget/-/widget-1.2.3.tgz'],
    ['credentials', 'https://u:p@registry.example/widget/-/widget-1.2.3.tgz'],
    ['another path', 'https://registry.example/attacker/widget/-/widget-1.2.3.tgz'],
    ['a path in disguise', 'https://registry.example/evil%2f..%2fwidget/-/widget-1.2.3.tgz'],
    ['a host in disguise', 'https://registry.example@evil.example/widget/-/widget-1.2.3.tgz'],
    ['a longer host', 'https://registry.example.evil.example/widget/-/widget-1.2.3.tgz'],
  ])('says that nothing ties the bytes of %s without a pin to what is judged', (_, resolved) => {
    expect(codesOf(v3({ version: '1.2.3', resolved }))).toEqual(['source.unpinned']);
    expect(codesOf(v3({ version: '1.2.3', resolved, integrity: 'nonsense' }))).toEqual([
      'source.unpinned',
      'integrity.unreadable',
    ]);
    expect(codesOf(v3({ version: '1.2.3', resolved, integrity: pin }))).toEqual(['resolved.elsewhere']);
  });

  it('takes a pin that more than one content fits for none', () => {
    const two = `${pin} sha512-${Buffer.alloc(64, 'b').toString('base64')}`;
    const resolved = 'https://files.elsewhere.example/widget/-/widget-1.2.3.tgz';
    expect(codesOf(v3({ version: '1.2.3', resolved, integrity: two }))).toEqual([
      'source.unpinned',
      'integrity.unreadable',
    ]);
  });

  it('knows the plain address of a repository, which npm clones whatever is pinned', () => {
    for (const resolved of ['https://github.com/o/widget', 'https://git.example/o/widget.git'])
      expect(codesOf(v3({ version: '1.2.3', resolved, integrity: pin }))).toEqual(['source.git']);
  });

  it('says so of the case, and has nothing against the registry itself', () => {
    expect(codesOf(readCase('lock-other-host-no-pin'))).toEqual(['source.unpinned']);
    expect(
      codesOf(v3({ version: '1.2.3', resolved: 'https://registry.example/widget/-/widget-1.2.3.tgz' })),
    ).toEqual([]);
  });

  it('takes every address for a strange one where no registry is known', () => {
    const lockfile = {
      lockfileVersion: 1,
      dependencies: { a: { version: '1.0.0', resolved: 'https://registry.example/a/-/a-1.0.0.tgz' } },
    };
    const { items } = parseSubmission(new TextEncoder().encode(JSON.stringify(lockfile)), {
      intakes: [npmIntake],
    });
    expect(codesOf(items)).toEqual(['source.unpinned']);
  });

  it.each([
    'https://mirror.example/artifactory/api/npm/npm-virtual/@acme/widget/-/@acme/widget-1.2.3.tgz',
    'https://mirror.example/npm/npm-remote/@acme/widget/-/widget-1.2.3.tgz',
    'https://mirror.example/repository/npm-group/@acme%2fwidget/-/widget-1.2.3.tgz',
    'https://mirror.example/@acme/widget/download/@acme/widget-1.2.3.tgz?cache=0&other_urls=x',
    'https://mirror.example/download/@acme/widget/1.2.3/0a1b2c3d',
    'https://mirror.example/packages/@acme/widget/1.2.3/widget-1.2.3.tgz',
    'https://mirror.example/api/v4/projects/7/packages/npm/@acme/widget/-/@acme/widget-1.2.3.tgz',
    'https://mirror.example/blobs/0a1b2c3d',
  ])('names the same package by %s', (resolved) => {
    const [item] = v3({ version: '1.2.3', resolved, integrity: pin }, 'node_modules/@acme/widget');
    expect(item).toMatchObject({ purl: 'pkg:npm/%40acme/widget@1.2.3', unassessable: null });
    expect(codesOf([item!])).not.toContain('source.contradiction');
  });

  it('reads the case of a scope in the file name', () => {
    expect(readCase('lock-scope-in-file-name')).toMatchObject([
      { purl: 'pkg:npm/%40acme/widget@1.2.3', unassessable: null },
    ]);
  });

  it.each([
    ['another name', 'https://registry.example/evil/-/evil-1.2.3.tgz', 'pkg:npm/evil@1.2.3'],
    ['another version', 'https://registry.example/widget/-/widget-6.6.6.tgz', 'pkg:npm/widget@6.6.6'],
    ['other letters', 'https://registry.example/Widget/-/Widget-1.2.3.tgz', 'pkg:npm/Widget@1.2.3'],
    ['a scope', 'https://registry.example/@evil/widget/-/widget-1.2.3.tgz', 'pkg:npm/%40evil/widget@1.2.3'],
  ])('judges what the address names, and says so, of %s', (_, resolved, purl) => {
    expect(v3({ version: '1.2.3', resolved, integrity: pin })).toMatchObject([
      { purl, notes: [{ code: 'source.contradiction' }] },
    ]);
  });

  it.each([
    'https://cdn.example/a.tgz',
    'https://registry.example/widget/-/other-1.2.3.tgz',
    'https:\\\\evil.example\\widget\\-\\widget-1.2.3.tgz',
    'widget@6.6.6',
    'latest',
    'ftp://registry.example/widget/-/widget-1.2.3.tgz',
  ])('refuses to guess what is behind %j', (resolved) => {
    expect(codesOf(v3({ version: '1.2.3', resolved }))).toEqual(['source.url']);
  });
});

describe('what is asked for', () => {
  const asked = (spec: string, entry: object, group = 'dependencies') =>
    codesOf(
      parse({
        lockfileVersion: 3,
        packages: {
          'node_modules/a': { version: '1.0.0', [group]: { widget: spec } },
          'node_modules/widget': { version: '1.2.3', integrity: pin, ...entry },
        },
      }),
    );
  const evil = 'https://evil.example/widget/-/widget-1.2.3.tgz';

  it.each([
    evil,
    'git+https://git.example/widget.git',
    'git+file:///widget',
    'github:o/widget',
    'o/widget',
    'https://github.com/o/widget',
    'file:../widget.tgz',
    '../widget',
    'widget.tgz',
    'ftp://evil.example/widget',
    'npm:other@1.2.3',
    'npm:other@latest',
  ])('says that installers follow %s, whatever the entry says', (spec) => {
    for (const group of [
      'dependencies',
      'devDependencies',
      'optionalDependencies',
      'peerDependencies',
      'requires',
    ])
      expect(asked(spec, {}, group)).toEqual(['source.asked']);
  });

  it.each(['^1.0.0', '*', '', '>=1 <2 || 3', 'npm:widget@^1.0.0', '~1.2.0', '1.x'])(
    'has nothing against %j',
    (spec) => {
      expect(asked(spec, {})).toEqual([]);
    },
  );

  it('has nothing against an entry that comes from where it is asked for', () => {
    expect(asked(evil, { resolved: evil })).toEqual(['resolved.elsewhere']);
    expect(asked('npm:other@^1.0.0', { name: 'other' })).toEqual([]);
    expect(asked('file:../../../widget', { link: true, resolved: '../widget' })).toEqual(['source.link']);
    expect(asked('github:o/widget', { resolved: 'git+ssh://git@git.example/o/widget.git#0123' })).toEqual([
      'source.git',
    ]);
  });

  it('looks at every group: which of them counts depends on the place and on npm', () => {
    const read = (entry: object) =>
      codesOf(
        parse({
          lockfileVersion: 3,
          packages: { ...entry, 'node_modules/widget': { version: '1.2.3', integrity: pin } },
        }),
      );
    const usual = { widget: '1.2.3' };
    for (const [first, second] of [
      ['dependencies', 'devDependencies'],
      ['optionalDependencies', 'devDependencies'],
      ['requires', 'peerDependencies'],
      ['devDependencies', 'peerDependencies'],
      ['peerDependencies', 'dependencies'],
    ] as const) {
      const groups = { [first]: usual, [second]: { widget: evil } };
      expect(read({ '': groups })).toEqual(['source.asked']);
      expect(read({ 'node_modules/a': { version: '1.0.0', ...groups } })).toEqual(['source.asked']);
    }
  });

  it('says that a tag without an address is looked up at each install', () => {
    const resolved = 'https://registry.example/widget/-/widget-1.2.3.tgz';
    for (const tag of ['latest', 'next', 'beta-1']) {
      expect(asked(tag, {})).toEqual(['source.asked']);
      expect(asked(tag, { resolved })).toEqual([]);
      expect(asked(`npm:widget@${tag}`, {})).toEqual(['source.asked']);
      expect(asked(`npm:widget@${tag}`, { resolved })).toEqual([]);
    }
  });

  it('says that a file is unpacked, whatever link the entry is, and that a link may lead elsewhere', () => {
    const linked = (spec: string) => {
      const packages = {
        '': { dependencies: { widget: spec } },
        'node_modules/widget': { link: true, resolved: 'vendor/widget' },
        'vendor/widget': { version: '1.2.3' },
      };
      return codesOf(parse({ lockfileVersion: 3, packages })).includes('source.asked');
    };
    expect(linked('file:vendor/widget')).toBe(false);
    expect(linked('file:./vendor/widget/')).toBe(false);
    expect(linked('^1.0.0')).toBe(false);
    for (const spec of [
      'file:widget.tgz',
      'file:vendor/widget.tgz',
      'file:vendor/other',
      'file:/vendor/widget',
      evil,
    ])
      expect(linked(spec)).toBe(true);
  });

  it.each(['\nwidget.tgz', 'x\n/widget.tgz', '\n/../../widget.tgz', ' npm:other@latest', ' file:widget.tgz'])(
    'refuses %j, which hides a place',
    (spec) => {
      expect(asked(spec, {})).toEqual(['source.asked']);
    },
  );

  it('asks the project itself as well, and a folder of it', () => {
    for (const place of ['', 'packages/w']) {
      const packages = {
        [place]: { name: 'w', dependencies: { widget: evil } },
        'node_modules/widget': { version: '1.2.3' },
      };
      expect(codesOf(parse({ lockfileVersion: 3, packages }))).toContain('source.asked');
    }
  });
});

it('costs little where dependencies lead nowhere from a deep place', () => {
  const place = `${'a/'.repeat(110)}node_modules/p`;
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`n${index}`, '1']));
  // Each of these was a walk up 110 folders with a new text for each.
  const items = v3({ version: '1.0.0', peerDependencies: many }, place);
  expect(items.map(({ purl }) => purl)).toEqual(['pkg:npm/p@1.0.0']);
}, 5_000);

describe('odd entries', () => {
  it.each([
    [7, 'source.unreadable'],
    [null, 'source.unreadable'],
    [{ version: 1 }, 'source.unreadable'],
    [{ version: '1.0.0', resolved: {} }, 'source.unreadable'],
    [{ version: '1.0.0', integrity: ['sha512-a'] }, 'source.unreadable'],
    [{ version: '1.0.0', _resolved: 'https://evil.example/x.tgz' }, 'source.unreadable'],
    [{ version: '^1.0.0' }, 'source.version'],
    [{ version: 'latest' }, 'source.version'],
    [{ version: 'v1.0.0' }, 'source.version'],
    [{ version: '01.0.0' }, 'source.version'],
    [{ version: 'npm:other@^1.0.0' }, 'source.version'],
    [{ version: 'owner/repo' }, 'source.git'],
    [{ version: '1.0.0', hasShrinkwrap: true }, 'source.own-lockfile'],
  ])('makes the entry %j an item with its reason, and the others go on', (entry, code) => {
    const items = parse({
      lockfileVersion: 3,
      packages: { 'node_modules/odd': entry, 'node_modules/a': { version: '1.0.0' } },
    });
    expect(codesOf(items)).toEqual([code]);
    expect(items.at(-1)!.purl).toBe('pkg:npm/a@1.0.0');
  });

  it('reads a falsy field as absent, as npm does', () => {
    expect(v3({ version: '1.0.0', resolved: false, integrity: null, name: '' })).toMatchObject([
      { purl: 'pkg:npm/widget@1.0.0', pins: [] },
    ]);
  });

  it('follows what was asked for in version 1 where nothing else is known', () => {
    const read = (entry: object) => codesOf(parse({ lockfileVersion: 1, dependencies: { a: entry } }));
    expect(read({ version: '1.0.0', from: 'git+https://git.example/a.git' })).toEqual(['source.git']);
    expect(read({ version: '1.0.0', from: 'a@file:../a' })).toEqual(['source.file']);
    expect(read({ version: '1.0.0', from: 'a@>=1.0.0 <2.0.0' })).toEqual([]);
  });

  it('lists dependencies that the lockfile has no entry for', () => {
    const items = parse({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { a: '1' }, devDependencies: { gone: '1' } },
        'node_modules/a': {
          version: '1.0.0',
          dependencies: { b: '1' },
          optionalDependencies: { c: '1' },
          peerDependencies: { d: '1' },
        },
      },
    });
    expect(
      items.flatMap(({ name, unassessable }) => (unassessable ? [`${name} ${unassessable.code}`] : [])),
    ).toEqual(['gone source.missing', 'b source.missing', 'c source.missing']);
  });
});

describe('bundled packages', () => {
  const bundledIn = (packages: Record<string, object>) =>
    parse({ lockfileVersion: 3, packages }).map(({ name, bundledIn: within }) => [name, within]);

  it('belong to the package that encloses them when nothing else asks for them', () => {
    expect(readCase('lock-bundled-not-in-registry')).toMatchObject([
      { purl: 'pkg:npm/parent-p@1.0.0' },
      { purl: 'pkg:npm/inner-only@3.0.0', bundledIn: 'pkg:npm/parent-p@1.0.0' },
    ]);
  });

  it('belong to the outermost package that lists them, with what they need beside them', () => {
    expect(
      bundledIn({
        'node_modules/p': { version: '1.0.0', dependencies: { q: '1' }, bundleDependencies: ['q'] },
        'node_modules/p/node_modules/q': { version: '2.0.0', inBundle: true, dependencies: { r: '1' } },
        'node_modules/p/node_modules/r': { version: '3.0.0', inBundle: true },
        'node_modules/p/node_modules/q/node_modules/s': { version: '4.0.0' },
      }),
    ).toEqual([
      ['p', null],
      ['q', 'pkg:npm/p@1.0.0'],
      ['r', 'pkg:npm/p@1.0.0'],
      ['s', 'pkg:npm/p@1.0.0'],
    ]);
  });

  it('are none when the package that encloses them needs them and does not bundle them: npm fetches them', () => {
    expect(
      bundledIn({
        'node_modules/p': { version: '1.0.0', dependencies: { q: '1' } },
        'node_modules/p/node_modules/q': { version: '2.0.0', inBundle: true },
      }),
    ).toEqual([
      ['p', null],
      ['q', null],
    ]);
  });

  it('are none when the project itself lists them, or when they have an address or a pin of their own', () => {
    expect(
      bundledIn({
        '': { dependencies: { p: '1' }, bundleDependencies: ['p'] },
        'node_modules/p': { version: '1.0.0', inBundle: true, bundleDependencies: ['q'] },
        'node_modules/p/node_modules/q': { version: '2.0.0', inBundle: true, integrity: pin },
      }),
    ).toEqual([
      ['p', null],
      ['q', null],
    ]);
  });
});

describe('other files', () => {
  it.each([
    ['', /empty/],
    ['spdxVersion: SPDX-2.3\nname: x', /SPDX document in YAML/],
    ['{"name":"a","version":"1.0.0"}', /package\.json: submit the package-lock\.json/],
    ['<!doctype html><html></html>', /page/],
    ['[[package]]\nname = "x"\n', /TOML/],
    ['<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n', /merge conflict/],
  ])('are called what they are: %j', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'lockfile.unknown-format',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });
});
