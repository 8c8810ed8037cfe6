import { inspectArchive } from '@sluice/inspection/inspect';
import { chunksOf, tar, zipOf } from '@sluice/testkit';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildSdist, buildWheel, metadataText, recordLine } from './fake/index.ts';
import { pypiInspection } from './inspection.ts';
import { askPython } from './test/python.ts';

const inspect = (archive: Buffer) => inspectArchive(chunksOf(archive), pypiInspection);
const found = async (archive: Buffer) =>
  (await inspect(archive)).findings.map(({ rule, tier, file }) => `${tier} ${rule} ${file}`);
const sample = { name: 'My.Package', version: '1.0' };
const info = 'my_package-1.0.dist-info';

describe('a wheel', () => {
  it('is read as it is placed, with its metadata and its licenses', async () => {
    const files = {
      'pkg/__init__.py': 'x = 1\n',
      'my_package-1.0.data/purelib/other.py': 'y = 1\n',
      'my_package-1.0.data/scripts/run': '#!python\n',
      [`${info}/licenses/LICENSE.txt`]: 'MIT License',
      [`${info}/licenses/vendor/a/LICENSE`]: 'GPL',
    };
    const headers = [
      'Requires-Dist: Typing_Extensions >=4 ; python_version < "3.11"',
      'Requires-Dist: rich; extra == "cli"',
    ];
    const report = await inspect(buildWheel({ ...sample, files, headers }));
    expect(report).toMatchObject({
      status: 'scanned',
      findings: [],
      manifest: {
        name: 'My.Package',
        version: '1.0',
        scripts: {},
        dependencies: { 'typing-extensions': '>=4' },
        optionalDependencies: { rich: '' },
      },
    });
    expect(report.files.map(({ path }) => path)).toContain('other.py');
    expect(report.licenseTexts.map(({ file }) => file)).toEqual(['LICENSE.txt']);
  });

  const lines = [recordLine('a.py', 'a'), recordLine(`${info}/METADATA`, metadataText(sample))];
  it.each<[string, string, string[]]>([
    [
      'another digest of a file',
      [recordLine('a.py', 'b'), lines[1]].join('\n'),
      ['review archive.digest-mismatch a.py'],
    ],
    [
      'another size of a file',
      [lines[0]!.replace(/1$/, '2'), lines[1]].join('\n'),
      ['review archive.digest-mismatch a.py'],
    ],
    ['no digest of a file', `a.py,,\n${lines[1]}`, ['review archive.unlisted-file a.py']],
    ['a weak digest of a file', `a.py,md5=AAAA,1\n${lines[1]}`, ['review archive.unlisted-file a.py']],
    ['nothing of a file', lines[1]!, ['review archive.unlisted-file a.py']],
    [
      'a file that is not there',
      [...lines, 'b.py,sha256=AAAA,3'].join('\n'),
      ['note archive.missing-file b.py'],
    ],
  ])('whose RECORD states %s is found', async (_title, record, findings) => {
    const wheel = recordLine(
      `${info}/WHEEL`,
      `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n`,
    );
    expect(
      await found(buildWheel({ ...sample, files: { 'a.py': 'a' }, record: `${record}\n${wheel}\n` })),
    ).toEqual(findings);
  });

  it('without RECORD, METADATA or a single folder of them is found', async () => {
    const wheel = { [`${info}/WHEEL`]: 'Wheel-Version: 1.0\n' };
    expect(await found(zipOf(wheel))).toEqual([
      'review manifest.unreadable METADATA',
      `note archive.missing-file ${info}/RECORD`,
    ]);
    const second = { 'other-1.0.dist-info/METADATA': 'Name: other\nVersion: 1.0\n' };
    expect(await found(buildWheel({ ...sample, files: second }))).toEqual([
      'review manifest.unreadable my_package-1.0.dist-info',
    ]);
  });

  it('that states its name twice is found', async () => {
    expect(await found(buildWheel({ ...sample, headers: ['Name: other'] }))).toEqual([
      'review manifest.unreadable METADATA',
    ]);
  });
});

describe('a source distribution', () => {
  it('is read without its folder, and says how it is built', async () => {
    const files = {
      'setup.py': 'from setuptools import setup\nsetup()\n',
      LICENSE: 'MIT License',
      'pkg/__init__.py': '',
    };
    const report = await inspect(buildSdist({ ...sample, files }));
    expect(report).toMatchObject({
      status: 'scanned',
      findings: [],
      manifest: { scripts: { build: 'setuptools (setup.py)' } },
    });
    expect(report.files.map(({ path }) => path)).toContain('setup.py');
    const pyproject = '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n';
    expect(
      (await inspect(buildSdist({ ...sample, files: { 'pyproject.toml': pyproject } }))).manifest?.scripts,
    ).toEqual({
      build: 'flit_core.buildapi',
    });
  });

  it('may be a zip', async () => {
    const zip = zipOf({ 'my_package-1.0/PKG-INFO': metadataText(sample), 'my_package-1.0/setup.py': '' });
    expect(await inspect(zip)).toMatchObject({
      status: 'scanned',
      findings: [],
      manifest: { name: 'My.Package', scripts: { build: expect.any(String) as string } },
    });
  });

  it('with a file beside its folder, a build that cannot be read, or no metadata is found', async () => {
    const archive = gzipSync(
      tar([
        { path: 'a-1.0/pyproject.toml', body: '[build-system' },
        { path: 'b-1.0/setup.py', body: 'x' },
      ]),
    );
    expect(await found(archive)).toEqual([
      'review manifest.unreadable PKG-INFO',
      'review manifest.unreadable pyproject.toml',
      'review archive.outside-folder b-1.0/setup.py',
    ]);
  });

  it('with links to prose is quiet, with others it is found', async () => {
    const entries = [
      { path: 'a-1.0/PKG-INFO', body: metadataText(sample) },
      { path: 'a-1.0/docs/README.rst', body: 'x' },
    ];
    const link = (path: string) =>
      gzipSync(tar([...entries, { path, type: '2', linkpath: 'docs/README.rst' }]));
    expect(await found(link('a-1.0/README.rst'))).toEqual([]);
    expect(await found(link('a-1.0/setup.py'))).toEqual(['review archive.link setup.py']);
  });

  it('may be a tar of bzip2, which a program unpacks as Python does', async ({ skip }) => {
    const archives = askPython(bzip2Program, null) as string[] | null;
    skip(archives === null, 'there is no python3');
    for (const archive of archives!) {
      expect(await inspect(Buffer.from(archive, 'base64'))).toMatchObject({
        status: 'scanned',
        manifest: { name: 'pkg', version: '1.0' },
        files: [{ path: 'PKG-INFO' }, { path: 'data.bin', sizeBytes: 900_000 }],
      });
    }
  });

  it('of xz is not read', async () => {
    expect(await inspect(Buffer.from('\u00fd7zXZ'.padEnd(600, 'x'), 'latin1'))).toMatchObject({
      status: 'unscannable',
      reason: 'archive.unsupported-format',
    });
  });
});

/** Archives of several blocks, of each size of blocks, in one stream and in two. */
const bzip2Program = `
import base64, bz2, io, json, random, tarfile
random.seed(7)
data = bytes(random.choice(b'abcdefgh') for _ in range(900_000))
out = io.BytesIO()
with tarfile.open(fileobj=out, mode='w') as archive:
    for name, content in (('PKG-INFO', b'Metadata-Version: 1.1\\nName: pkg\\nVersion: 1.0\\n'), ('data.bin', data)):
        info = tarfile.TarInfo('pkg-1.0/' + name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
tar = out.getvalue()
packed = [bz2.compress(tar, 1), bz2.compress(tar, 9), bz2.compress(tar[:400_000]) + bz2.compress(tar[400_000:])]
print(json.dumps([base64.b64encode(one).decode() for one in packed]))`;
