import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PermanentError } from './errors.ts';
import { formatPurl, parsePurl, readPackageUrl } from './purl.ts';

const invalid = expect.objectContaining({ name: 'PermanentError', code: 'purl.invalid' }) as Error;

describe('a purl', () => {
  it.each([
    ['pkg:npm/lodash@4.17.21', { type: 'npm', name: 'lodash', version: '4.17.21' }],
    ['pkg:npm/%40babel/core@7.0.0', { type: 'npm', name: '@babel/core', version: '7.0.0' }],
    ['pkg:npm/a@1.0.0-rc.1%2Bbuild.5', { type: 'npm', name: 'a', version: '1.0.0-rc.1+build.5' }],
    ['pkg:pypi/ruamel-yaml@0.18.6', { type: 'pypi', name: 'ruamel-yaml', version: '0.18.6' }],
    ['pkg:npm/JSONStream@1.3.5', { type: 'npm', name: 'JSONStream', version: '1.3.5' }],
    ['pkg:npm/%40Acme/Widget@1.0.0-RC.1', { type: 'npm', name: '@Acme/Widget', version: '1.0.0-RC.1' }],
  ])('%s is read and written', (text, parsed) => {
    expect(parsePurl(text)).toEqual(parsed);
    expect(parsePurl(formatPurl(parsed))).toEqual(parsed);
  });

  it.each([
    'pkg:npm/@babel/core@7.0.0',
    'pkg:npm/%40babel/core@7.0.0?repository_url=https://evil.example',
    'pkg:npm/%40babel/core@7.0.0?arch=x64#sub/path',
    'pkg://npm/%40babel/core@7.0.0',
    'PKG:NPM/%40babel/core@7.0.0',
  ])('%s is the one canonical purl', (text) => {
    expect(formatPurl(parsePurl(text))).toBe('pkg:npm/%40babel/core@7.0.0');
  });

  it.each([
    '',
    'lodash',
    'npm/lodash@1.0.0',
    'pkg:npm/lodash',
    'pkg:npm/@1.0.0',
    'pkg:npm/lodash@',
    'pkg:npm/%zz@1.0.0',
    'pkg:npm/a@%zz',
    'pkg:npm/a%2F..%2Fb@1.0.0',
    'pkg:npm/../b@1.0.0',
    'pkg:npm/%2e%2e/b@1.0.0',
    'pkg:npm/a//b@1.0.0',
    'pkg:npm/a%00@1.0.0',
    'pkg:npm/a@1.0.0%0a',
    'pkg:npm/a%E2%80%AEb@1.0.0',
    'pkg:npm/a b@1.0.0',
    'pkg:/lodash@1.0.0',
    `pkg:npm/${'a'.repeat(2_000)}@1.0.0`,
  ])('%j is none', (text) => {
    expect(() => parsePurl(text)).toThrow(invalid);
  });

  it('quotes only the beginning of a text that is far too long', () => {
    const long = `pkg:npm/${'a'.repeat(1_000_000)}@1.0.0`;
    expect(() => parsePurl(long)).toThrow(/^.{0,200}$/s);
  });
});

describe('a purl of a list', () => {
  it.each([
    ['pkg:npm/lodash', 'lodash', null, {}],
    ['pkg:npm/@babel/core', '@babel/core', null, {}],
    [
      'pkg:npm/%40babel/core?vcs_url=git%2Bhttps://git.example/x',
      '@babel/core',
      null,
      { vcs_url: 'git+https://git.example/x' },
    ],
    [
      'pkg:npm/a@1.0.0?Checksum=sha1:ab,sha256:cd&checksum=other&x',
      'a',
      '1.0.0',
      { checksum: 'sha1:ab,sha256:cd' },
    ],
  ])('%s may lack a version and has qualifiers', (text, name, version, qualifiers) => {
    const read = readPackageUrl(text);
    expect(read).toMatchObject({ type: 'npm', name, version });
    expect(Object.fromEntries(read.qualifiers)).toEqual(qualifiers);
  });

  it.each(['pkg:npm/', 'pkg:npm/a@', 'pkg:npm/@', 'pkg:npm/a@b@', 'pkg:npm/..'])('%j is none', (text) => {
    expect(() => readPackageUrl(text)).toThrow(invalid);
  });
});

it('keeps the letters of names', () => {
  const purlOf = (name: string) => formatPurl({ type: 'npm', name, version: '1.0.0' });
  expect(purlOf('JSONStream')).not.toBe(purlOf('jsonstream'));
  expect(parsePurl('pkg:PyPI/Zope.Interface@1.0.0')).toMatchObject({ type: 'pypi', name: 'Zope.Interface' });
});

it('comes back from its text for every name and version that npm allows', () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9!'()*][a-zA-Z0-9._~!'()*-]{0,30}$/);
  const version = fc.stringMatching(/^\d{1,3}\.\d{1,3}\.\d{1,3}(-[a-z0-9.]{1,10})?(\+[a-z0-9.]{1,10})?$/);
  fc.assert(
    fc.property(fc.option(part), part, version, (scope, base, of) => {
      const known = { type: 'npm', name: scope === null ? base : `@${scope}/${base}`, version: of };
      const text = formatPurl(known);
      expect(parsePurl(text)).toEqual(known);
      expect(formatPurl(parsePurl(text))).toBe(text);
    }),
  );
});

it('refuses any junk with its code', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `pkg:npm/${text}`),
      ),
      (text) => {
        try {
          parsePurl(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PermanentError);
        }
      },
    ),
  );
});
