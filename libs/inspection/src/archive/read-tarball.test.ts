import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunksOf, packageTarball, tar, type TarEntry } from '@sluice/testkit';
import { defaultArchiveLimits } from './archive-limits.ts';
import { ArchiveRefused, archiveRefusals } from './archive-refused.ts';
import { withoutFolder } from './entry-path.ts';
import { readTarball } from './read-tarball.ts';

const options = { placedPath: withoutFolder };

async function read(bytes: Buffer, limits = {}, step?: number) {
  // A file may be called __proto__.
  const files = Object.create(null) as Record<string, string>;
  const summary = await readTarball(
    chunksOf(bytes, step),
    (file) => {
      const parts: Buffer[] = [];
      return {
        write: (chunk) => parts.push(Buffer.from(chunk)),
        end: () => (files[file.path] = Buffer.concat(parts).toString('utf8')),
      };
    },
    { ...options, limits: { ...defaultArchiveLimits, ...limits } },
  );
  return { files: Object.fromEntries(Object.entries(files)), ...summary };
}

async function refusal(bytes: Buffer, limits = {}): Promise<string> {
  const error = await read(bytes, limits).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ArchiveRefused)) throw new Error('It was not refused.', { cause: error });
  return error.reason;
}

const file = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({ path, body: 'x', ...more });

describe('what npm publishes', () => {
  test('files are read under the paths that npm installs them at, whatever the chunks', async () => {
    const bytes = packageTarball({ 'package.json': '{}', 'lib/a.js': 'a'.repeat(2000) });
    for (const step of [1, 7, 511, 512, 100_000]) {
      const { files, entryCount, unpackedSizeBytes, notes } = await read(bytes, {}, step);
      expect(files).toEqual({ 'package.json': '{}', 'lib/a.js': 'a'.repeat(2000) });
      expect([entryCount, unpackedSizeBytes, notes]).toEqual([2, 2002, []]);
    }
  });

  test('any set of files comes out as it went in', async () => {
    const name = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
    const contents = fc.uniqueArray(fc.tuple(name, fc.string()), {
      selector: ([path]) => path,
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(contents, fc.integer({ min: 1, max: 2000 }), async (entries, step) => {
        const files = Object.fromEntries(
          entries.map(([path, body]) => [path, Buffer.from(body).toString('utf8')]),
        );
        expect((await read(packageTarball(files), {}, step)).files).toEqual(files);
      }),
      { numRuns: 50 },
    );
  });

  test('a plain tar is read too, as npm does', async () => {
    expect((await read(tar([file('package/a')]))).files).toEqual({ a: 'x' });
  });

  test('a PAX path replaces the short one', async () => {
    const long = 'd/'.repeat(80) + 'ä.js';
    expect(
      Object.keys((await read(tar([file('short', { pax: { path: `package/${long}` } })]))).files),
    ).toEqual([long]);
  });
});

describe('refused as a whole', () => {
  const paths: [string, string][] = [
    ['package/../../etc/passwd', 'archive.path-traversal'],
    ['package/a/..', 'archive.path-traversal'],
    ['/etc/passwd', 'archive.absolute-path'],
    ['C:/windows', 'archive.absolute-path'],
    ['package/..\\..\\x', 'archive.backslash-path'],
  ];
  test.each(paths)('the path %s', async (path, reason) => {
    expect(await refusal(tar([file(path)]))).toBe(reason);
    expect(await refusal(tar([file('package/ok', { pax: { path } })]))).toBe(reason);
  });

  test('absurdly long and deep paths', async () => {
    expect(await refusal(tar([file('a', { pax: { path: 'p/' + 'a'.repeat(5000) } })]))).toBe(
      'archive.path-too-long',
    );
    expect(await refusal(tar([file('a', { pax: { path: 'p/'.repeat(300) + 'a' } })]))).toBe(
      'archive.path-too-deep',
    );
  });

  test.each(['3', '4', '6'])('device or FIFO, type %s', async (type) => {
    expect(await refusal(tar([file('package/dev', { type, body: '' })]))).toBe('archive.special-file');
  });

  test.each(['S', 'M', 'Z'])('sparse, multi-volume or unknown entry, type %s', async (type) => {
    expect(await refusal(tar([file('package/odd', { type })]))).toBe('archive.unsupported-entry');
  });

  test.each([
    ['2', '../../etc/passwd'],
    ['2', '/etc/passwd'],
    ['2', '..\\..\\x'],
    ['1', '../x'],
    ['1', 'C:/x'],
  ])('link of type %s to %s', async (type, linkpath) => {
    const link = { path: 'package/link', type, linkpath };
    expect(await refusal(tar([link]))).toBe('archive.link-escape');
  });

  test('sizes that are none', async () => {
    expect(await refusal(tar([file('package/a', { size: Buffer.alloc(12, 0xff) })]))).toBe(
      'archive.invalid-size',
    );
    expect(await refusal(tar([file('package/a', { size: 'zzzzzzzzzzz' })]))).toBe('archive.invalid-size');
    const eightGigabytes = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
    expect(await refusal(tar([file('package/a', { size: eightGigabytes })]))).toBe('archive.file-too-large');
  });

  test('a PAX size that moves the boundary of entries', async () => {
    const hidden = tar([file('package/evil.js')]);
    const entries = [file('package/a', { body: hidden, pax: { size: '0' } })];
    expect(await refusal(tar(entries))).toBe('archive.ambiguous');
    expect(await refusal(tar([file('package/a', { pax: { size: '1024' } }), file('package/evil.js')]))).toBe(
      'archive.ambiguous',
    );
  });

  test('an entry that is shorter than it states', async () => {
    expect(await refusal(tar([file('package/a', { size: 5000 })]))).toBe('archive.truncated');
    const bytes = packageTarball({ a: 'x'.repeat(10_000) });
    expect(await refusal(bytes.subarray(0, bytes.length - 12))).toBe('archive.truncated');
  });

  test('no archive, nothing, damage', async () => {
    expect(await refusal(Buffer.alloc(0))).toBe('archive.empty');
    expect(await refusal(Buffer.from('<html>not found</html>'.repeat(50)))).toBe('archive.not-an-archive');
    expect(await refusal(gzipSync('hello'))).toBe('archive.not-an-archive');
    expect(await refusal(gzipSync(Buffer.alloc(1024)))).toBe('archive.empty');
    const damaged = packageTarball({ a: 'hello '.repeat(5000), b: 'abc'.repeat(999) });
    damaged.fill(0xff, 60, 80);
    expect(['archive.damaged', 'archive.not-an-archive']).toContain(await refusal(damaged));
    const badSum = tar([file('package/a'), file('package/b')]);
    badSum[1024] = 0x7a;
    expect(await refusal(badSum)).toBe('archive.damaged');
  });

  test('more than the limits, before more is unpacked', async () => {
    const many = tar(Array.from({ length: 11 }, (_, i) => file(`package/${i}`)));
    expect(await refusal(many, { entryCountMax: 10 })).toBe('archive.too-many-files');
    const large = packageTarball({ a: Buffer.alloc(3_000_000) });
    expect(await refusal(large, { unpackedSizeMaxBytes: 2_000_000 })).toBe('archive.file-too-large');
    const several = packageTarball({ a: Buffer.alloc(1_500_000), b: Buffer.alloc(1_500_000) });
    expect(await refusal(several, { unpackedSizeMaxBytes: 2_000_000 })).toBe('archive.too-large');
    expect(await refusal(large, { ratioFloorBytes: 1_000_000 })).toBe('archive.ratio-exceeded');
    expect((await read(large)).entryCount).toBe(1);
  });

  test('a large file is noted with its digest, and read', async () => {
    const large = packageTarball({ a: Buffer.alloc(3_000_000) });
    const { notes } = await read(large, { largeFileBytes: 2_000_000 });
    const digest = createHash('sha256').update(Buffer.alloc(3_000_000)).digest('base64');
    expect(notes).toEqual([
      { kind: 'large-file', path: 'a', detail: `3000000 bytes, SHA-256 ${digest} in base64.` },
    ]);
  });

  test('random damage never gives anything but a refusal or files', async () => {
    const bytes = tar([
      file('package/a', { body: 'hello'.repeat(300) }),
      file('package/b', { pax: { path: 'package/c' } }),
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))), async (edits) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of edits) damaged[at] = byte;
        await read(damaged).catch((error: unknown) => expect(error).toBeInstanceOf(ArchiveRefused));
      }),
      { numRuns: 300 },
    );
  });
});

describe('noted', () => {
  const notesOf = async (entries: TarEntry[]) =>
    (await read(tar(entries))).notes.map(({ kind, path }) => [kind, path]);

  test('links that stay inside are passed over, as npm does', async () => {
    const link = { path: 'package/bin/a', type: '2', linkpath: '../lib/a.js' };
    expect(await notesOf([link])).toEqual([['link', 'bin/a']]);
  });

  test('a file twice, two files of one path, and paths that differ in case or Unicode form only', async () => {
    expect(await notesOf([file('package/a'), file('other/a')])).toEqual([['repeated-path', 'a']]);
    expect(await notesOf([file('package/a'), file('other/a', { body: 'y' })])).toEqual([
      ['duplicate-path', 'a'],
    ]);
    expect(await notesOf([file('p/A.js'), file('p/a.js')])).toEqual([['path-collision', 'a.js']]);
    expect(await notesOf([file('p/\u00e9'), file('p/e\u0301')])).toEqual([['path-collision', 'e\u0301']]);
    expect(await notesOf([file('p/fi'), file('p/\ufb01')])).toEqual([['path-collision', '\ufb01']]);
  });

  test('setuid, invisible names, data after the end', async () => {
    expect(await notesOf([file('p/su', { mode: 0o4755 })])).toEqual([['setuid', 'su']]);
    expect(await notesOf([file('p/a\u202egnp.js')])).toEqual([['invisible-path', 'a\u202egnp.js']]);
    const bytes = Buffer.concat([tar([file('p/a')]), Buffer.from('hidden')]);
    expect((await read(bytes)).notes.map(({ kind }) => kind)).toEqual(['trailing-data']);
  });
});

test('docs/policy.md explains each reason for a refusal', () => {
  const policy = readFileSync(new URL('../../../../docs/policy.md', import.meta.url), 'utf8');
  const explained = [...policy.matchAll(/^\| `(archive\.[\w-]+)`/gm)].map(([, reason]) => reason);
  expect(explained).toEqual([...archiveRefusals]);
});
