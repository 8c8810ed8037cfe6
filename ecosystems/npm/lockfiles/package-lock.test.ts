import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { PermanentError, type Submission } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { parseSafeJson, parseSubmission } from '@sluice/intake';
import { npmIntake } from '../intake.ts';

const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const intakes = [npmIntake];
const registriesOf = () => ['https://registry.example/'];
const parse = (value: unknown) => parseSubmission(bytes(value), { intakes, registriesOf });
const pin = `sha512-${Buffer.alloc(64, 'a').toString('base64')}`;
const pins = [{ algorithm: 'sha512', hex: Buffer.alloc(64, 'a').toString('hex') }];
const tgz = (name: string, version: string) =>
  `https://registry.example/${name}/-/${name.split('/').at(-1)}-${version}.tgz`;

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(PermanentError);
    return (error as PermanentError).code;
  }
  return 'nothing was thrown';
}

const v3 = (packages: object) => ({
  name: 'app',
  lockfileVersion: 3,
  packages: { '': { name: 'app' }, ...packages },
});
const placesOf = (submission: Submission) => submission.items.reduce((sum, item) => sum + item.pathCount, 0);

describe('package-lock versions 2 and 3', () => {
  it('makes one item of a package version in several places', () => {
    const { items, entryCount } = parse(
      v3({
        'node_modules/a': { version: '1.0.0', resolved: tgz('a', '1.0.0'), integrity: pin, dev: true },
        'node_modules/b/node_modules/a': { version: '1.0.0', resolved: tgz('a', '1.0.0'), integrity: pin },
        'node_modules/@s/c': { version: '2.0.0', resolved: tgz('@s/c', '2.0.0') },
      }),
    );
    expect(entryCount).toBe(3);
    expect(items).toMatchObject([
      { purl: 'pkg:npm/a@1.0.0', pins, pathCount: 2, dev: false, unassessable: null },
      { purl: 'pkg:npm/%40s/c@2.0.0', pins: [], pathCount: 1 },
    ]);
  });

  it('keeps two pins of one version apart', () => {
    const { items } = parse(
      v3({
        'node_modules/a': { version: '1.0.0', integrity: 'sha512-one' },
        'node_modules/b/node_modules/a': { version: '1.0.0', integrity: 'sha512-two' },
      }),
    );
    expect(items.map(({ notes }) => notes.map(({ message }) => message))).toEqual([
      ['The pin "sha512-one" cannot be compared with the bytes.'],
      ['The pin "sha512-two" cannot be compared with the bytes.'],
    ]);
  });

  it('judges the real target of an alias', () => {
    const { items } = parse(
      v3({ 'node_modules/alias': { name: 'real', version: '1.0.0', resolved: tgz('real', '1.0.0') } }),
    );
    expect(items).toMatchObject([{ purl: 'pkg:npm/real@1.0.0', notes: [] }]);
  });

  it('judges what the address installs, not what the entry claims to be', () => {
    const { items } = parse(
      v3({ 'node_modules/lodash': { version: '4.17.21', resolved: tgz('evil', '6.6.6') } }),
    );
    expect(items).toMatchObject([{ purl: 'pkg:npm/evil@6.6.6', notes: [{ code: 'source.contradiction' }] }]);
  });

  it.each([
    [
      'a git dependency',
      { version: '1.0.0', resolved: 'git+ssh://git@host.example/a.git#0123' },
      'source.git',
    ],
    ['a file dependency', { version: '1.0.0', resolved: 'file:../a.tgz' }, 'source.file'],
    ['a link', { resolved: 'packages/a', link: true }, 'source.link'],
    ['a tarball from elsewhere', { version: '1.0.0', resolved: 'https://cdn.example/a.tgz' }, 'source.url'],
    ['an entry without a version', {}, 'source.no-version'],
  ])('lists %s with the reason that it cannot be assessed', (_, entry, code) => {
    const { items, entryCount } = parse(v3({ 'node_modules/a': entry }));
    expect(entryCount).toBe(1);
    expect(items).toMatchObject([{ purl: null, name: 'a', unassessable: { code } }]);
  });

  it('lists a workspace folder as a part of the project', () => {
    const { items } = parse(v3({ 'packages/a': { name: '@app/a', version: '1.0.0' } }));
    expect(items).toMatchObject([{ name: '@app/a', unassessable: { code: 'source.workspace' } }]);
  });

  it('assesses bundled packages, optional ones, and those without an address', () => {
    const { items } = parse(
      v3({
        'node_modules/p': { version: '3.0.0', bundleDependencies: ['a'], dependencies: { a: '^1.0.0' } },
        'node_modules/p/node_modules/a': { version: '1.0.0', inBundle: true },
        'node_modules/fsevents': { version: '2.3.3', resolved: tgz('fsevents', '2.3.3'), optional: true },
      }),
    );
    expect(items).toMatchObject([
      { purl: 'pkg:npm/p@3.0.0', bundled: false },
      { purl: 'pkg:npm/a@1.0.0', bundled: true, bundledIn: 'pkg:npm/p@3.0.0', optional: false },
      { purl: 'pkg:npm/fsevents@2.3.3', optional: true, bundled: false },
    ]);
  });

  it('marks what the project names itself as direct', () => {
    const lock = v3({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } });
    (lock.packages as Record<string, unknown>)[''] = { dependencies: { a: '^1.0.0' } };
    expect(parse(lock).items.map((item) => item.direct)).toEqual([true, false]);
  });

  it('reads this project’s own lockfile: every entry is in exactly one item', () => {
    const text = readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8');
    const entries = Object.keys((JSON.parse(text) as { packages: object }).packages).filter(
      (path) => path !== '',
    );
    const submission = parse(text);
    expect(submission.entryCount).toBe(entries.length);
    expect(placesOf(submission)).toBe(entries.length);
  });
});

describe('package-lock version 1', () => {
  it('walks the tree, and reads aliases, git and address versions', () => {
    const submission = parse({
      lockfileVersion: 1,
      dependencies: {
        a: {
          version: '1.0.0',
          resolved: tgz('a', '1.0.0'),
          integrity: pin,
          dependencies: { b: { version: '2.0.0', bundled: true } },
        },
        alias: { version: 'npm:@s/real@3.0.0', resolved: tgz('@s/real', '3.0.0') },
        g: { version: 'git+https://host.example/g.git#abc', from: 'g' },
        gh: { version: 'github:o/r#abc' },
        u: { version: 'https://registry.example/u/-/u-1.2.3.tgz' },
        f: { version: 'file:../f' },
      },
    });
    expect(submission.format).toBe('npm-package-lock@1');
    expect(submission.entryCount).toBe(7);
    expect(submission.items.map((item) => item.purl ?? item.unassessable?.code)).toEqual([
      'pkg:npm/a@1.0.0',
      'pkg:npm/b@2.0.0',
      'pkg:npm/%40s/real@3.0.0',
      'source.git',
      'source.git',
      'pkg:npm/u@1.2.3',
      'source.file',
    ]);
  });

  it('takes a shrinkwrap of old without a version as version 1', () => {
    expect(parse({ dependencies: { a: { version: '1.0.0' } } }).items).toHaveLength(1);
  });
});

describe('hostile input', () => {
  it.each([
    ['no JSON', '{', 'input.not-json'],
    ['two byte-order marks', '\uFEFF\uFEFF{}', 'input.not-json'],
    ['a NUL', '{"a":"\\u0000"}', 'input.not-json'],
    ['half a surrogate pair', '{"a":"\\ud800"}', 'input.not-json'],
    ['a duplicate key', '{"a":1,"a":2}', 'input.unsafe-key'],
    ['a duplicate key in disguise', '{"a":1,"\\u0061":2}', 'input.unsafe-key'],
    ['__proto__', '{"__proto__":{"x":1}}', 'input.unsafe-key'],
    ['constructor.prototype', '{"constructor":{"prototype":{"x":1}}}', 'input.unsafe-key'],
    ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000), 'input.too-deep'],
    [
      'a package.json',
      '{"name":"a","version":"1.0.0","dependencies":{"b":"^1.0.0"}}',
      'lockfile.unknown-format',
    ],
    ['an array', '[]', 'lockfile.unknown-format'],
    ['an unknown version', '{"lockfileVersion":9}', 'lockfile.unknown-version'],
    ['version 3 without packages', '{"lockfileVersion":3}', 'lockfile.invalid'],
    ['packages that are no object', '{"lockfileVersion":3,"packages":[]}', 'lockfile.invalid'],
    ['a second project', '{"lockfileVersion":3,"packages":{"./":{}}}', 'lockfile.invalid'],
    ['an absolute place', '{"lockfileVersion":3,"packages":{"/etc/node_modules/a":{}}}', 'lockfile.invalid'],
    [
      'a place of endless depth',
      `{"lockfileVersion":3,"packages":{"${'a/'.repeat(300)}":{}}}`,
      'lockfile.invalid',
    ],
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(() => parse(text))).toBe(code);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([
    '../../etc',
    '%2e%2e',
    'a'.repeat(215),
    'lоdash',
    'lod\u200bash',
    'lod\u202eash',
    '.hidden',
    'a b',
    'node_modules',
    'Node_Modules',
    'favicon.ico',
  ])('refuses the name %j', (name) => {
    expect(codeOf(() => parse(v3({ 'node_modules/x': { name, version: '1.0.0' } })))).toBe('input.invalid');
  });

  it('refuses a version of 10 kB', () => {
    expect(codeOf(() => parse(v3({ 'node_modules/x': { version: '1'.repeat(10_000) } })))).toBe(
      'input.invalid',
    );
  });

  it('refuses more packages than the limit', () => {
    const many = Object.fromEntries(
      Array.from({ length: 20_001 }, (_, i) => [`node_modules/p${i}`, { version: '1.0.0' }]),
    );
    expect(codeOf(() => parse(v3(many)))).toBe('input.too-many-packages');
  });

  it('answers anything at all with a submission or a coded error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PermanentError);
        }
      }),
    );
  });

  it('reads whatever JSON.parse reads, to the same value, unless it is unsafe', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        if (
          text.includes('__proto__') ||
          text.includes('\\u0000') ||
          !text.isWellFormed() ||
          /\\ud[89a-f]/i.test(text)
        )
          return;
        expect(parseSafeJson(bytes(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('never loses an entry', () => {
    const entry = fc.record(
      {
        version: fc.constantFrom('1.0.0', '2.1.0-rc.1', undefined, 'file:x'),
        link: fc.boolean(),
        integrity: fc.constantFrom('sha512-a', undefined),
        resolved: fc.constantFrom(undefined, tgz('q', '1.0.0'), 'git+ssh://x', 'http://1.2.3.4/y'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), entry), (entries) => {
        const packages = Object.fromEntries(
          Object.entries(entries).map(([name, value]) => [`node_modules/${name}`, value]),
        );
        const submission = parse(v3(packages));
        expect(submission.entryCount).toBe(Object.keys(entries).length);
        expect(placesOf(submission)).toBe(submission.entryCount);
      }),
    );
  });
});

it('a package of a scope with a registry of its own comes from there alone', () => {
  const entries = {
    'node_modules/@corp/a': {
      version: '1.0.0',
      resolved: 'https://npm.corp.example/r/@corp/a/-/a-1.0.0.tgz',
    },
    'node_modules/@corp/b': { version: '1.0.0', resolved: 'https://registry.example/@corp/b/-/b-1.0.0.tgz' },
    'node_modules/c': { version: '1.0.0', resolved: 'https://npm.corp.example/r/c/-/c-1.0.0.tgz' },
    'node_modules/d': { version: '1.0.0', resolved: 'https://registry.example/d/-/d-1.0.0.tgz' },
  };
  const lock = { lockfileVersion: 3, packages: { '': {}, ...entries } };
  const { items } = parseSubmission(bytes(lock), {
    intakes,
    registriesOf: (_, name) => [
      name.startsWith('@corp/') ? 'https://npm.corp.example/r/' : 'https://registry.example/',
    ],
  });
  const unpinned = items.filter(({ notes }) => notes.some(({ code }) => code === 'source.unpinned'));
  expect(unpinned.map(({ name }) => name).toSorted()).toEqual(['@corp/b', 'c']);
});
