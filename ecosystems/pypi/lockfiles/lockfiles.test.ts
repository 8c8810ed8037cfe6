import { readFile } from 'node:fs/promises';
import type { PermanentError, SubmissionItem } from '@sluice/contracts';
import { parseSubmission } from '@sluice/intake';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pypiIntake } from '../intake.ts';

const registriesOf = () => ['https://registry.example/simple/'];
const parse = (text: string) => parseSubmission(Buffer.from(text), { intakes: [pypiIntake], registriesOf });
const fixture = (name: string) => readFile(new URL(`../fixtures/lockfiles/${name}`, import.meta.url), 'utf8');
const hash = (digit: string) => `sha256:${digit.repeat(64)}`;

const show = ({ purl, name, version, unassessable, pins, dev, direct, platforms, notes }: SubmissionItem) =>
  [
    purl ?? `${name} ${version}: ${unassessable!.code}`,
    `${pins.length} pins`,
    ...(dev ? ['dev'] : []),
    ...(direct ? ['direct'] : []),
    ...(platforms ? [platforms.os.join('/')] : []),
    ...notes.map(({ code }) => code),
  ].join(', ');
const shown = (text: string) => parse(text).items.map(show);
const codeOf = (text: string) => {
  try {
    parse(text);
    return null;
  } catch (error) {
    return (error as PermanentError).code;
  }
};

describe('lockfiles of the real tools', () => {
  it.each([
    ['uv/uv.lock', 'uv-lock@1', 8],
    ['uv/pylock.toml', 'pylock@1.0', 8],
    ['uv/requirements.txt', 'requirements@1', 8],
    ['poetry/poetry.lock', 'poetry-lock@2.1', 7],
    ['pdm/pdm.lock', 'pdm-lock@4.5.0', 3],
    ['pipenv/Pipfile.lock', 'pipfile-lock@6', 4],
  ])('%s is read as %s', async (name, format, count) => {
    const { items, ...submission } = parse(await fixture(name));
    expect(submission.format).toBe(format);
    expect(items).toHaveLength(count);
    expect(items.every(({ purl, pins }) => purl !== null && pins.length > 0)).toBe(true);
    expect(items.flatMap(({ notes }) => notes)).toEqual([]);
  });

  it('tell what is for development, what the project asks for, and for which systems it is', async () => {
    expect(shown(await fixture('uv/uv.lock'))).toEqual([
      'pkg:pypi/click@8.1.7, 2 pins, direct',
      'pkg:pypi/colorama@0.4.6, 2 pins',
      'pkg:pypi/iniconfig@2.0.0, 2 pins, dev, direct',
      'pkg:pypi/pysocks@1.7.1, 2 pins, direct',
      'pkg:pypi/setuptools@82.0.1, 2 pins',
      'pkg:pypi/setuptools@84.2.1, 2 pins',
      'pkg:pypi/six@1.16.0, 2 pins, direct',
      'pkg:pypi/zope-event@5.0, 2 pins, direct',
    ]);
    expect(shown(await fixture('pdm/pdm.lock'))).toEqual([
      'pkg:pypi/click@8.1.7, 2 pins',
      'pkg:pypi/colorama@0.4.6, 2 pins, win32',
      'pkg:pypi/iniconfig@2.0.0, 2 pins, dev',
    ]);
    expect(shown(await fixture('pipenv/Pipfile.lock'))).toContain('pkg:pypi/zope-event@5.0, 2 pins, win32');
    expect(shown(await fixture('poetry/poetry.lock'))).toContain('pkg:pypi/iniconfig@2.0.0, 2 pins, dev');
  });
});

describe('requirements', () => {
  it.each([
    ['a==1.0', ['pkg:pypi/a@1.0, 0 pins, direct']],
    [`A.b==v1.0-RC1 --hash=${hash('a')} --hash ${hash('b')}`, ['pkg:pypi/a-b@1.0rc1, 2 pins, direct']],
    [
      `a==1 \\\n  --hash=${hash('a')} \\\n  # a comment ends it\nb==2`,
      ['pkg:pypi/a@1, 1 pins, direct', 'pkg:pypi/b@2, 0 pins, direct'],
    ],
    ['a>=1,==1.5', ['pkg:pypi/a@1.5, 0 pins, direct']],
    ['a>=1', ['a >=1: source.version, 0 pins, direct']],
    ['a==1.*', ['a ==1.*: source.version, 0 pins, direct']],
    ['a\nb==1', ['a *: source.version, 0 pins, direct', 'pkg:pypi/b@1, 0 pins, direct']],
    ['a==1,==2', ['a ==1,==2: source.version, 0 pins, direct']],
    ['a==1 --hash=md5:abc', ['pkg:pypi/a@1, 0 pins, direct, integrity.unreadable']],
    ['a[x,y]==1; sys_platform != "win32" and python_version>"3.8"', ['pkg:pypi/a@1, 0 pins, direct, !win32']],
    ['a==1; sys_platform == "win32" or extra == "x"', ['pkg:pypi/a@1, 0 pins, direct']],
    ['-i https://registry.example/simple\na==1', ['pkg:pypi/a@1, 0 pins, direct']],
    [
      '--extra-index-url=https://other.example/simple\na==1',
      ['pkg:pypi/a@1, 0 pins, direct, source.unpinned'],
    ],
    [
      `a==1 --hash=${hash('a')}\n-f https://other.example/`,
      ['pkg:pypi/a@1, 1 pins, direct, resolved.elsewhere'],
    ],
    [
      '-r other.txt\na==1',
      ['other.txt null: source.unreadable, 0 pins, direct', 'pkg:pypi/a@1, 0 pins, direct'],
    ],
    ['-e .\na==1', ['. null: source.file, 0 pins, direct', 'pkg:pypi/a@1, 0 pins, direct']],
    ['-e git+https://code.example/x.git@main#egg=X_y', ['x-y null: source.git, 0 pins, direct']],
    ['a @ https://files.example/a-1.0.tar.gz', ['a null: source.url, 0 pins, direct']],
    [
      'https://user:secret@files.example/a.whl',
      ['https://…@files.example/a.whl null: source.url, 0 pins, direct'],
    ],
    ['./wheels/a.whl', ['./wheels/a.whl null: source.file, 0 pins, direct']],
  ])('%j', (text, items) => expect(shown(text)).toEqual(items));

  it.each([
    ['a==1 --ha=sha256:00', 'lockfile.invalid'],
    ['a==1\n--extra-index https://x.example', 'lockfile.invalid'],
    ['a==1\n-z', 'lockfile.invalid'],
    ['a==1 --hash', 'lockfile.invalid'],
    ['a==1 --hash="x', 'lockfile.invalid'],
    ['a==1\n!!', 'input.not-json'],
    ['# coding: utf-7\na==1', 'lockfile.invalid'],
    ['a\nb\nc', 'input.not-json'],
    ['Some words of prose, and no more.', 'input.not-json'],
  ])('%j is refused with %s', (text, code) => expect(codeOf(text)).toBe(code));
});

describe('entries that are no version of the index', () => {
  const uv = (entry: string) =>
    `version = 1\nrequires-python = ">=3.9"\n\n[[package]]\nname = "a"\nversion = "1.0"\n${entry}\n`;
  const wheel = (url: string, more = `, hash = "${hash('a')}"`) =>
    `source = { registry = "https://registry.example/simple" }\nwheels = [{ url = "${url}"${more} }]`;

  it.each([
    [uv('source = { git = "https://code.example/a" }'), ['a 1.0: source.git, 0 pins']],
    [uv('source = { url = "https://files.example/a-1.0.whl" }'), ['a 1.0: source.url, 0 pins']],
    [uv('source = { directory = "../a" }'), ['a 1.0: source.file, 0 pins']],
    [uv('source = { editable = "packages/a" }'), ['a 1.0: source.workspace, 0 pins, dev']],
    [uv('source = { registry = "../wheels" }'), ['a 1.0: source.file, 0 pins']],
    [uv('source = { other = "x" }'), ['a 1.0: source.unreadable, 0 pins']],
    [uv(wheel('https://files.example/a-1.0-py3-none-any.whl')), ['pkg:pypi/a@1.0, 1 pins']],
    [
      uv(wheel('https://files.example/evil-1.0-py3-none-any.whl')),
      ['pkg:pypi/a@1.0, 1 pins, source.contradiction'],
    ],
    [
      uv(wheel('https://files.example/a-2.0-py3-none-any.whl')),
      ['pkg:pypi/a@1.0, 1 pins, source.contradiction'],
    ],
    [
      uv(wheel('https://files.example/a-1.0-py3-none-any.whl', '')),
      ['pkg:pypi/a@1.0, 0 pins, source.unpinned'],
    ],
    [
      'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "a"\nversion = "1"\nvcs = { type = "git" }',
      ['a 1: source.git, 0 pins'],
    ],
    [
      'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "a"\nversion = "1"',
      ['a 1: source.missing, 0 pins'],
    ],
    [
      JSON.stringify({
        _meta: { 'pipfile-spec': 6 },
        default: { a: { version: '*' }, b: { git: 'x' }, c: { path: '.' } },
      }),
      ['a *: source.version, 0 pins', 'b undefined: source.git, 0 pins', 'c undefined: source.file, 0 pins'],
    ],
  ])('%j', (text, items) =>
    expect(shown(text).map((one) => one.replace(' null:', ' undefined:'))).toEqual(items),
  );

  it.each([
    ['version = 2\nrequires-python = "x"\n', 'lockfile.unknown-version'],
    ['[metadata]\nlock-version = "3.0"\ncontent-hash = "x"\n', 'lockfile.unknown-version'],
    ['[metadata]\nlock_version = "5.0"\n', 'lockfile.unknown-version'],
    ['lock-version = "2.0"\ncreated-by = "x"\n', 'lockfile.unknown-version'],
    [JSON.stringify({ _meta: { 'pipfile-spec': 7 } }), 'lockfile.unknown-version'],
    [uv('version = "2.0"'), 'lockfile.invalid'],
    [uv('source = [').replace('"a"', '"../a"'), 'lockfile.invalid'],
    [uv('').replace('"a"', '"../a"'), 'input.invalid'],
    [
      'version = 3\n\n[[package]]\nname = "serde"\nversion = "1.0"\nsource = "registry+https://registry.example"\n',
      'lockfile.unknown-format',
    ],
    ['[project]\nname = "a"\n', 'lockfile.unknown-format'],
  ])('%j is refused with %s', (text, code) => expect(codeOf(text)).toBe(code));
});

describe('any text', () => {
  const heads = [
    '',
    'a==1\n',
    'version = 1\nrequires-python = ">=3"\n',
    '[metadata]\nlock_version = "4.5"\n',
    'lock-version = "1.0"\ncreated-by = "x"\n',
  ];
  const part = fc.oneof(
    fc.constantFrom(
      '[[package]]\n',
      '[[packages]]\n',
      'name = "a"\n',
      'version = "1"\n',
      'files = [',
      ']',
      '{',
      '}',
      '"',
      '\\\n',
      '--hash=',
      'sha256:00',
      ' ; ',
      '#',
      '==',
      '__proto__ = 1\n',
      '[package.__proto__]\n',
      '\u2028',
      '\r',
      'a==1 ',
    ),
    fc.string({ maxLength: 12 }),
  );
  it('gives a submission or an error of its own', () => {
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.array(part, { maxLength: 12 }), (head, parts) => {
        const code = codeOf(head + parts.join(''));
        expect(code === null || /^(?:input|lockfile)\./.test(code)).toBe(true);
        expect(({} as Record<string, unknown>).version).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
