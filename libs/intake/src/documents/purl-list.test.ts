import { PermanentError } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentIntakes, told } from '../../test/document-cases.ts';
import { parseSubmission } from '../parse-submission.ts';

const codeOf = (text: string, options: { filename?: string; format?: string } = {}) => {
  try {
    return parseSubmission(Buffer.from(text), { intakes: documentIntakes, ...options }).format;
  } catch (error) {
    return (error as PermanentError).code;
  }
};

describe('a list of purls', () => {
  it.each([
    ['text', '# ours\n\npkg:toy/a@1\r\n  pkg:toy/%40s/b@2#sub # why\npkg:toy/a@1\n'],
    ['a JSON list of texts', '["pkg:toy/a@1", "pkg:toy/%40s/b@2", "pkg:toy/a@1"]'],
    [
      'a JSON list of objects',
      '[{"purl": "pkg:toy/a@1", "x": 1}, {"purl": "pkg:toy/%40s/b@2"}, {"purl": "pkg:toy/a@1"}]',
    ],
    ['JSON under a key', '{"purls": ["pkg:toy/a@1", "pkg:toy/%40s/b@2", "pkg:toy/a@1"]}'],
  ])('as %s has one item for each package version', (_, text) => {
    const { items, entryCount, format } = parseSubmission(Buffer.from(text), { intakes: documentIntakes });
    expect(format).toBe('purls@1');
    expect(entryCount).toBe(3);
    expect(items.map(({ purl, pathCount, direct }) => [purl, pathCount, direct])).toEqual([
      ['pkg:toy/a@1', 2, true],
      ['pkg:toy/%40s/b@2', 1, true],
    ]);
  });

  it.each([
    ['pkg:toy/a', 'a source.no-version'],
    ['pkg:toy/a@^1', 'a source.version'],
    ['pkg:toy/a@latest', 'a source.version'],
    ['pkg:deb/debian/curl@7.88', 'debian/curl source.ecosystem'],
    ['pkg:toy/UPPER@1', 'pkg:toy/upper@1'],
    ['pkg:toy/%2e%2e@1', 'line 1 source.unreadable'],
    ['pkg:toy/a%E2%80%AEb@1', 'line 1 source.unreadable'],
    ['pkg:toy/no$name@1', 'no$name source.unreadable'],
    ['pkg:toy/a@1?vcs_url=git%2Bhttps://git.example/a', 'a source.git'],
    ['pkg:toy/a@1?download_url=https://git.example/a.git', 'a source.git'],
    ['pkg:toy/a@1?download_url=file:///tmp/a.tgz', 'a source.file'],
    ['pkg:toy/a@1?download_url=https://files.example/a.tgz', 'pkg:toy/a@1 source.unpinned'],
    ['pkg:toy/a@1?repository_url=evil.example', 'pkg:toy/a@1 source.unpinned'],
    ['pkg:toy/a@1?repository_url=https://registry.example.evil.example', 'pkg:toy/a@1 source.unpinned'],
    ['pkg:toy/a@1?repository_url=registry.example', 'pkg:toy/a@1'],
    [`pkg:toy/a@1?checksum=sha256:${'ab'.repeat(32)}`, 'pkg:toy/a@1 sha256'],
    [`pkg:toy/a@1?checksum=md5:${'ab'.repeat(16)}`, 'pkg:toy/a@1'],
    [`pkg:toy/a@1?checksum=sha256:${'ab'.repeat(20)}`, 'pkg:toy/a@1 integrity.unreadable'],
    [
      `pkg:toy/a@1?repository_url=evil.example&checksum=sha256:${'ab'.repeat(32)}`,
      'pkg:toy/a@1 resolved.elsewhere sha256',
    ],
  ])('%s is %s', (purl, is) => expect(told(purl)).toEqual([is]));

  it.each([
    ['pkg:toy/a@1\nlodash@4.17.21\n', 'purl.invalid'],
    ['["pkg:toy/a@1", 2]', 'purl.invalid'],
    ['["pkg:toy/a@1", "npm:a"]', 'purl.invalid'],
    ['{"purls": {}}', 'lockfile.invalid'],
    ['{"purls": []}', 'purls@1'],
    ['[]', 'lockfile.unknown-format'],
    ['[1]', 'lockfile.unknown-format'],
  ])('%j: %s', (text, code) => expect(codeOf(text)).toBe(code));

  it('is known by its name, or as a person says, where the content does not tell', () => {
    const text = '# nothing yet\n';
    expect(codeOf(text)).toBe('input.not-json');
    expect(codeOf(text, { filename: 'lists/purls.txt' })).toBe('purls@1');
    expect(codeOf(text, { format: 'purls' })).toBe('purls@1');
    expect(codeOf('[]', { format: 'purls.json' })).toBe('purls@1');
    expect(codeOf('pkg:toy/a@1', { format: 'toy-lock' })).toBe('lockfile.invalid');
    expect(codeOf('""', { format: 'purls' })).toBe('purl.invalid');
    expect(codeOf('1', { format: 'purls' })).toBe('purl.invalid');
    expect(codeOf('{}', { format: 'purls' })).toBe('lockfile.invalid');
    expect(codeOf('pkg:toy/a@1', { format: 'nothing' })).toBe('input.invalid');
  });

  it('gives a submission or a stable code for any text', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('pkg:toy/a@1', 'pkg:deb/a@1', 'pkg:toy/a', '#', 'pkg:', 'pkg:toy/a@1?checksum=:,sha1:'),
      fc.string().map((text) => `pkg:toy/${text}`),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const code = codeOf(lines.join('\n'), { format: 'purls' });
        expect(['purls@1', 'purl.invalid', 'lockfile.invalid']).toContain(code);
      }),
    );
  });

  it('has at most 20,000 package versions', () => {
    const text = Array.from({ length: 20_001 }, (_, at) => `pkg:toy/a@${at}`).join('\n');
    expect(codeOf(text)).toBe('input.too-many-packages');
  });
});
