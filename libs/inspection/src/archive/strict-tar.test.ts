import { describe, expect, test } from 'vitest';
import { chunksOf, paxRecord, tar, type TarEntry } from '@sluice/testkit';
import { archiveNotes } from '../rules/archive-notes.ts';
import { ArchiveRefused } from './archive-refused.ts';
import { withoutFolder } from './entry-path.ts';
import { readTarball } from './read-tarball.ts';

const options = { placedPath: withoutFolder };

/** Reason of the refusal, or the kinds of notes. */
async function outcome(bytes: Buffer): Promise<string> {
  try {
    const { notes } = await readTarball(chunksOf(bytes), () => null, options);
    return notes.map(({ kind }) => kind).join();
  } catch (error) {
    if (error instanceof ArchiveRefused) return error.reason.replace('archive.', '');
    throw error;
  }
}

const file = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({ path, body: 'x', ...more });
const extended = (body: string, more: Partial<TarEntry> = {}): TarEntry[] => [
  { path: 'PaxHeader', type: 'x', body },
  file('package/a', more),
];
const records = (...pairs: [string, string][]) => pairs.map(([key, value]) => paxRecord(key, value)).join('');
const longName = (path: string, type = 'L'): TarEntry => ({ path: '././@LongLink', type, body: `${path}\0` });

describe('extended headers', () => {
  test.each([
    ['size=-5', records(['size', '-5']), 'invalid-size'],
    ['size=999999999999999999999', records(['size', '999999999999999999999']), 'invalid-size'],
    ['size=nonsense', records(['size', 'nonsense']), 'invalid-size'],
    ['size=0x1', records(['size', '0x1']), 'invalid-size'],
    ['size=1e0', records(['size', '1e0']), 'invalid-size'],
    ['size=', records(['size', '']), 'invalid-size'],
    ['size of the header again', records(['size', '1']), ''],
    ['another size', records(['size', '2']), 'ambiguous'],
    ['path with NUL', records(['path', 'package/a\0b']), 'ambiguous'],
    ['path with a newline', records(['path', 'package/a\nb']), 'ambiguous'],
    ['path=', records(['path', '']), 'ambiguous'],
    ['linkpath with NUL', records(['linkpath', 'package/a\0b']), 'ambiguous'],
    ['linkpath of a file', records(['linkpath', 'package/b']), 'ambiguous'],
    ['two paths', records(['path', 'package/b'], ['path', 'package/c']), 'ambiguous'],
    ['one path twice', records(['path', 'package/b'], ['path', 'package/b']), ''],
    ['path that makes a folder', records(['path', 'package/b/']), 'ambiguous'],
    [
      'sparse file, 0.0',
      records(['GNU.sparse.size', '9'], ['GNU.sparse.numblocks', '1']),
      'unsupported-extension',
    ],
    [
      'sparse file, 0.1',
      records(['GNU.sparse.map', '0,1'], ['GNU.sparse.name', 'package/e']),
      'unsupported-extension',
    ],
    [
      'sparse file, 1.0',
      records(['GNU.sparse.major', '1'], ['GNU.sparse.minor', '0']),
      'unsupported-extension',
    ],
    ['SCHILY.realsize', records(['SCHILY.realsize', '100']), 'unsupported-extension'],
    ['SCHILY.filetype', records(['SCHILY.filetype', 'sparse']), 'unsupported-extension'],
    ['hdrcharset=BINARY', records(['hdrcharset', 'BINARY']), 'unsupported-extension'],
    ['hdrcharset of UTF-8', records(['hdrcharset', 'ISO-IR 10646 2000 UTF-8']), ''],
    ['type', records(['type', '2']), 'unsupported-extension'],
    [
      'times, owners, attributes',
      records(['mtime', '1.5'], ['uid', '0'], ['SCHILY.xattr.user.a', 'b\nc']),
      '',
    ],
    ['key of an unknown maker', records(['ACME.name', 'package/b']), 'unknown-record'],
    ['record within a value', records(['comment', `a\n${records(['path', 'package/b'])}`]), 'ambiguous'],
    ['length too large', '99 path=package/b\n', 'ambiguous'],
    ['length too small', '5 path=package/b\n', 'ambiguous'],
    ['length with a zero before it', '019 path=package/b\n', 'ambiguous'],
    ['no length', 'path=package/b\n', 'ambiguous'],
    ['no key', '6 =ab\n', 'ambiguous'],
    ['no newline', '18 path=package/b ', 'ambiguous'],
    ['NUL after the records', `${records(['uid', '0'])}\0\0`, 'ambiguous'],
    ['nothing', '', 'ambiguous'],
    ['more than 1 MB', records(['comment', 'x'.repeat(2_000_000)]), 'oversized-header'],
  ])('%s', async (_, body, expected) => {
    expect(await outcome(tar(extended(body)))).toBe(expected);
  });

  test.each([
    ['comment', ''],
    ['path', 'unsupported-extension'],
    ['linkpath', 'unsupported-extension'],
    ['size', 'unsupported-extension'],
    ['GNU.sparse.name', 'unsupported-extension'],
    ['hdrcharset', 'unsupported-extension'],
    ['ACME.name', 'unknown-record'],
  ])('a global header with %s', async (key, expected) => {
    const header = { path: 'pax_global_header', type: 'g', body: paxRecord(key, '1') };
    expect(await outcome(tar([header, file('package/a')]))).toBe(expected);
  });

  test.each<[string, TarEntry[], string]>([
    ['a long name', [longName('package/b'), file('package/a')], ''],
    [
      'a long name and a long target',
      [longName('package/b'), longName('b', 'K'), file('package/a', { type: '2', body: '', linkpath: 'b' })],
      'link',
    ],
    ['a long target of a file', [longName('b', 'K'), file('package/a')], 'ambiguous'],
    ['two long names', [longName('package/b'), longName('package/c'), file('package/a')], 'ambiguous'],
    ['a long name with data after NUL', [longName('package/b\0c'), file('package/a')], 'ambiguous'],
    [
      'an extended header after a long name',
      [longName('package/b'), ...extended(records(['uid', '0']))],
      'ambiguous',
    ],
    [
      'a long name after an extended header',
      [extended(records(['uid', '0']))[0]!, longName('package/b'), file('package/a')],
      'ambiguous',
    ],
    [
      'two extended headers',
      [extended(records(['uid', '0']))[0]!, ...extended(records(['gid', '0']))],
      'ambiguous',
    ],
    ['a header without its entry', [file('package/a'), longName('package/b')], 'ambiguous'],
    [
      'the old forms of both',
      [{ path: 'b', type: 'N', body: 'package/b' }, file('package/a')],
      'unsupported-entry',
    ],
    [
      'the vendor form of an extended header',
      [{ path: 'b', type: 'X', body: records(['path', 'p/b']) }, file('p/a')],
      'unsupported-entry',
    ],
  ])('%s', async (_, entries, expected) => {
    expect(await outcome(tar(entries))).toBe(expected);
  });

  test('a long name in letters of several bytes is whole, wherever chunks end', async () => {
    const path = `package/${'ä'.repeat(400)}.js`;
    const entries = [
      file('package/a'),
      ...extended(records(['path', path])),
      longName(path),
      file('package/b'),
    ];
    const bytes = tar(entries);
    for (const step of [700, 1_001, 1_600, 2_049]) {
      const seen: string[] = [];
      await readTarball(
        chunksOf(bytes, step),
        (found) => (seen.push(`package/${found.path}`), null),
        options,
      );
      expect(seen).toEqual(['package/a', path, path]);
    }
  });
});

describe('headers', () => {
  const header = (edit: (block: Buffer) => void, more: Partial<TarEntry> = {}) => [
    file('package/a', { edit, ...more }),
  ];
  const put = (at: number, text: string) => (block: Buffer) => void block.write(text, at, 'latin1');

  test.each<[string, TarEntry[], string]>([
    ['a name that goes on after NUL', header(put(0, 'package/a\0b')), 'ambiguous'],
    ['a target that goes on after NUL', header(put(157, '\0b')), 'ambiguous'],
    ['a target of a file', header(put(157, 'b')), 'ambiguous'],
    ['no name', header((block) => void block.fill(0, 0, 100)), 'ambiguous'],
    [
      'no name but a prefix',
      header((block) => void block.fill(0, 0, 100).write('package', 345)),
      'ambiguous',
    ],
    ['a prefix', header(put(345, 'package/lib')), ''],
    ['a prefix that goes on after NUL', header(put(345, 'package\0x')), 'ambiguous'],
    ['times after the prefix', header((block) => void block.write('00000000001\0 00000000001', 476)), ''],
    ['the format of GNU', header(put(257, 'ustar  \0')), ''],
    [
      'the format of GNU with a prefix',
      header((block) => put(345, 'x')(block.fill('ustar  \0', 257, 265))),
      'ambiguous',
    ],
    ['the format of the seventh edition', header((block) => void block.fill(0, 257)), ''],
    ['an unknown format', header(put(257, 'ustar\u000001')), 'ambiguous'],
    ['a size with spaces before it', header(() => {}, { size: '          1' }), 'invalid-size'],
    ['a size with a sign', header(() => {}, { size: '+1' }), 'invalid-size'],
    ['a size that ends at NUL and goes on', header(() => {}, { size: '1\u00007' }), 'invalid-size'],
    ['no size', header(() => {}, { size: '' }), 'invalid-size'],
    ['a negative binary size', header(() => {}, { size: Buffer.alloc(12, 0xff) }), 'invalid-size'],
    ['a small binary size', header(() => {}, { size: Buffer.from('800000000000000000000001', 'hex') }), ''],
    [
      'a binary size of another form',
      header(() => {}, { size: Buffer.from('810000000000000000000001', 'hex') }),
      'invalid-size',
    ],
    ['a mode that is no number', header(put(100, 'rw-r--r')), 'ambiguous'],
    ['a time that is no number', header(put(136, 'yesterday')), 'ambiguous'],
    ['an owner in binary', header((block) => void block.write('80000000ffffffff', 108, 'hex')), ''],
    [
      'a sum of signed bytes',
      [
        file('package/first'),
        file('package/ä', { spoil: (block) => void block.write(signedSum(block), 148) }),
      ],
      'damaged',
    ],
    [
      'a sum with spaces before it',
      [
        file('package/first'),
        file('package/a', {
          spoil: (block) => void block.write(` ${block.toString('latin1', 148, 154)} `, 148),
        }),
      ],
      'damaged',
    ],
    ['a name that is not UTF-8', header(put(8, '\xe9')), 'path-encoding'],
    ['type 7', [file('package/a', { type: '7' })], 'unsupported-entry'],
    ['an unknown type', [file('package/a', { type: 'Z' })], 'unsupported-entry'],
    ['a folder', [file('package/a/', { type: '5', body: '' })], ''],
    ['a folder with bytes', [file('package/a/', { type: '5' })], 'ambiguous'],
    ['a link with bytes', [file('package/a', { type: '2', linkpath: 'b' })], 'ambiguous'],
    ['a link without a target', [file('package/a', { type: '2', body: '' })], 'ambiguous'],
    ['a file with a slash at its end', [file('package/a/')], 'ambiguous'],
    ['an old folder', [file('package/a/', { type: '\0', body: '' })], ''],
    [
      'an old folder under a new name',
      [...extended(records(['path', 'package/b'])).slice(0, 1), file('package/a/', { type: '\0', body: '' })],
      'ambiguous',
    ],
    ['an old folder with bytes', [file('package/a/', { type: '\0' })], 'ambiguous'],
    [
      'a file in a folder that is a link',
      [file('package/a', { type: '2', body: '', linkpath: 'b' }), file('package/a/c')],
      'ambiguous',
    ],
    [
      'a file of the path of a link',
      [file('package/a'), file('package/a', { type: '1', body: '', linkpath: 'package/b' })],
      'ambiguous',
    ],
    ['an empty segment', [file('package//a')], 'ambiguous'],
    ['a segment of one dot', [file('package/./a')], ''],
    ['a dot at the end', [file('package/.')], 'ambiguous'],
    ['a file beside the folder', [file('package/a'), file('b')], 'outside-folder'],
  ])('%s', async (_, entries, expected) => {
    expect(await outcome(tar(entries))).toBe(expected);
  });

  test('an entry after an empty block, at which some programs stop', async () => {
    const bytes = Buffer.concat([tar([file('package/a')], Buffer.alloc(512)), tar([file('package/b')])]);
    expect(await outcome(bytes)).toBe('ambiguous');
  });

  test('a segment of one dot in front is dropped as npm drops it, so the file is read', async () => {
    const seen: string[] = [];
    await readTarball(
      chunksOf(tar([file('./a.js'), file('./package/b.js')])),
      ({ path }) => (seen.push(path), null),
      options,
    );
    expect(seen).toEqual(['a.js', 'package/b.js']);
  });
});

test('many notes of one kind do not crowd out another', async () => {
  const links = Array.from({ length: 300 }, (_, i) =>
    file(`package/l${i}`, { type: '2', body: '', linkpath: 'a' }),
  );
  expect(await outcome(tar([...links, file('package/CON')]))).toContain('windows-path');
});

test('notes about which bytes are placed under which name wait for a person', () => {
  const tiers = Object.fromEntries(archiveNotes.map(({ id, tier }) => [id, tier]));
  for (const kind of [
    'link',
    'duplicate-path',
    'invisible-path',
    'path-encoding',
    'windows-path',
    'outside-folder',
    'unknown-record',
  ]) {
    expect(tiers[`archive.${kind}`]).toBe('review');
  }
});

/** The sum as programs of old computed it, over signed bytes. */
function signedSum(block: Buffer): string {
  let sum = 8 * 0x20;
  for (let i = 0; i < 512; i += 1) if (i < 148 || i >= 156) sum += block.readInt8(i);
  return `${sum.toString(8).padStart(6, '0')}\0 `;
}
