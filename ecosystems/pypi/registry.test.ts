import { createEgress } from '@sluice/egress';
import { normaliseDeclaredLicense } from '@sluice/licenses';
import { expect, it, onTestFinished, describe } from 'vitest';
import { buildSdist, buildWheel, metadataText, sdistName, startFakePypi, wheelName } from './fake/index.ts';
import type { FakeFile } from './fake/index.ts';
import { pypiClient } from './registry.ts';

const { signal } = new AbortController();

async function open(options: { form?: 'json' | 'html'; platforms?: string[]; path?: string } = {}) {
  const fake = await startFakePypi(options);
  const egress = createEgress({ allowHosts: [], trustedOrigins: [fake.url] });
  onTestFinished(async () => {
    await egress.close();
    await fake.stop();
  });
  const url = fake.url + (options.path ?? '/simple');
  const settings = {
    url,
    scopes: new Map<string, string>(),
    credentials: [],
    platforms: options.platforms ?? [],
  };
  return { fake, registry: pypiClient.open(settings, egress) };
}

const wheel = (
  version: string,
  more: Partial<FakeFile> & { tag?: string; headers?: string[] } = {},
): FakeFile => {
  const { tag, headers, ...rest } = more;
  const options = { name: 'pkg', version, ...(tag ? { tag } : {}), ...(headers ? { headers } : {}) };
  return {
    file: wheelName(options),
    body: buildWheel(options),
    metadata: metadataText(options),
    announced: true,
    ...rest,
  };
};
const sdist = (version: string, more: Partial<FakeFile> = {}): FakeFile => {
  const options = { name: 'pkg', version };
  return { file: sdistName(options), body: buildSdist(options), ...more };
};

describe.each(['json', 'html'] as const)('an index of the form %s', (form) => {
  it('gives the files of a version with their hashes, in any spelling of the version', async () => {
    const { fake, registry } = await open({ form });
    fake.publish({ name: 'pkg', files: [sdist('1.0.0'), wheel('1.0'), wheel('1.0.1'), sdist('1.0rc1')] });
    const { files, runsAtInstall } = await registry.manifest('pkg', '1.0', signal);
    expect(files.map(({ file, kind, platform }) => [file, kind, platform])).toEqual([
      ['pkg-1.0.0.tar.gz', 'sdist', null],
      ['pkg-1.0-py3-none-any.whl', 'wheel', null],
    ]);
    expect(files.map(({ hashes }) => hashes.map(({ algorithm }) => algorithm))).toEqual([
      ['sha256'],
      ['sha256'],
    ]);
    expect(files.map(({ url }) => url)).toEqual([
      `${fake.url}/files/pkg-1.0.0.tar.gz`,
      `${fake.url}/files/pkg-1.0-py3-none-any.whl`,
    ]);
    expect(runsAtInstall).toEqual([]);
  });

  it('says that a file was yanked, and why', async () => {
    const { fake, registry } = await open({ form });
    fake.publish({
      name: 'pkg',
      files: [wheel('1.0', { yanked: 'breaks Python <3.9' }), wheel('2.0', { yanked: true })],
    });
    const withdrawn = async (version: string) => (await registry.manifest('pkg', version, signal)).withdrawn;
    expect(await withdrawn('1.0')).toEqual({ how: 'yanked', reason: 'breaks Python <3.9' });
    expect(await withdrawn('2.0')).toEqual({ how: 'yanked', reason: '' });
  });

  it('leaves out files for other Pythons by Requires-Python', async () => {
    const { fake, registry } = await open({ form, platforms: ['cp39-linux-x64'] });
    const [old, recent] = [
      wheel('1.0', { tag: 'py2.py3-none-any' }),
      wheel('1.0', { requiresPython: '>=3.10' }),
    ];
    fake.publish({ name: 'pkg', files: [old, recent] });
    const { files } = await registry.manifest('pkg', '1.0', signal);
    expect(files.map(({ file }) => file)).toEqual([old.file]);
  });
});

it('times are those of the assessed files: a file that is added later makes the version as new as itself', async () => {
  const { fake, registry } = await open();
  const [first, second] = ['2020-01-01T00:00:00.123456Z', '2024-06-01T00:00:00Z'];
  fake.publish({ name: 'pkg', files: [wheel('0.9', { uploadedAt: '2019-01-01T00:00:00Z' })] });
  fake.publish({
    name: 'pkg',
    files: [sdist('1.0', { uploadedAt: first }), wheel('1.0', { uploadedAt: second })],
  });
  fake.publish({ name: 'pkg', files: [wheel('2.0', { uploadedAt: null }), sdist('2.0')] });
  expect(await registry.manifest('pkg', '1.0', signal)).toMatchObject({
    publishedAt: '2024-06-01T00:00:00.000Z',
    firstSeenAt: '2019-01-01T00:00:00.000Z',
  });
  expect((await registry.manifest('pkg', '2.0', signal)).publishedAt).toBeNull();
});

describe('platforms', () => {
  const tags = [
    'cp311-cp311-manylinux_2_17_x86_64',
    'cp312-cp312-manylinux_2_17_x86_64',
    'cp38-abi3-manylinux2014_x86_64',
    'cp312-cp312-musllinux_1_2_x86_64',
    'cp312-cp312-macosx_11_0_arm64',
    'cp312-cp312-macosx_10_9_universal2',
    'cp312-cp312-win_amd64',
    'cp313-cp313t-manylinux_2_17_x86_64',
    'pp310-pypy310_pp73-manylinux_2_17_x86_64',
    'py3-none-any',
  ];
  it.each([
    [['cp312-linux-x64-glibc'], [1, 2, 9]],
    [['cp312-linux-x64'], [1, 2, 3, 9]],
    [['cp313-linux-x64-glibc'], [2, 9]],
    [['linux-x64-musl'], [3, 9]],
    [
      ['cp312-darwin-arm64', 'cp312-win32-x64'],
      [4, 5, 6, 9],
    ],
    [[], tags.map((_, at) => at)],
  ])('%j take the files that fit, and the source', async (platforms, fitting) => {
    const { fake, registry } = await open({ platforms });
    fake.publish({ name: 'pkg', files: [sdist('1.0'), ...tags.map((tag) => wheel('1.0', { tag }))] });
    const { files } = await registry.manifest('pkg', '1.0', signal);
    const expected = fitting.map((at) => `pkg-1.0-${tags[at]}.whl`);
    expect(new Set(files.map(({ file }) => file))).toEqual(new Set(['pkg-1.0.tar.gz', ...expected]));
  });

  it('that no wheel fits leave all files, which other machines may install', async () => {
    const { fake, registry } = await open({ platforms: ['cp312-linux-x64'] });
    fake.publish({ name: 'pkg', files: [wheel('1.0', { tag: 'cp312-cp312-win_amd64' })] });
    expect((await registry.manifest('pkg', '1.0', signal)).files).toMatchObject([
      { platform: 'cp312-cp312-win_amd64' },
    ]);
  });

  it('of no known form end the start', async () => {
    await expect(open({ platforms: ['linux'] })).rejects.toThrow(/"linux" is no platform/);
  });
});

it('a version without a wheel is built at install', async () => {
  const { fake, registry } = await open();
  fake.publish({ name: 'pkg', files: [wheel('1.0'), sdist('2.0'), sdist('3.0')] });
  const built = async (version: string) => {
    const { runsAtInstall, previousRanAtInstall } = await registry.manifest('pkg', version, signal);
    return [runsAtInstall, previousRanAtInstall];
  };
  expect(await built('1.0')).toEqual([[], null]);
  expect(await built('2.0')).toEqual([['build'], false]);
  expect(await built('3.0')).toEqual([['build'], true]);
});

describe('metadata', () => {
  const license = async (registry: Awaited<ReturnType<typeof open>>['registry']) =>
    normaliseDeclaredLicense((await registry.manifest('pkg', '1.0', signal)).license).expression;

  it('come from the file that the page announces', async () => {
    const { fake, registry } = await open();
    fake.publish({
      name: 'pkg',
      files: [
        wheel('1.0', {
          headers: ['License-Expression: MIT', 'Project-URL: Source, https://code.example/pkg'],
        }),
      ],
    });
    expect(await license(registry)).toBe('MIT');
    expect((await registry.manifest('pkg', '1.0', signal)).repositoryUrl).toBe('https://code.example/pkg');
    expect(fake.requests('/pypi/pkg/1.0/json')).toBe(0);
  });

  it('come from the JSON API where no file has any, or where the file is not the announced one', async () => {
    const { fake, registry } = await open();
    fake.publish({
      name: 'pkg',
      files: [wheel('1.0', { headers: ['License: GPL-3.0-only'], announced: 'wrong' })],
    });
    fake.serveJson('pkg', '1.0', { license: 'ISC', classifiers: null, project_urls: { Homepage: null } });
    expect(await license(registry)).toBe('ISC');
  });

  it('come from a file that is not announced where there is no JSON API', async () => {
    const { fake, registry } = await open();
    fake.publish({ name: 'pkg', files: [wheel('1.0', { headers: ['License: ISC'], announced: false })] });
    expect(await license(registry)).toBe('ISC');
  });

  it('that a registry does not have leave the license undeclared', async () => {
    const { fake, registry } = await open();
    fake.publish({ name: 'pkg', files: [sdist('1.0')] });
    expect(await license(registry)).toBeNull();
  });

  it('that a registry cannot give at the moment are an outage', async () => {
    const { fake, registry } = await open();
    fake.publish({ name: 'pkg', files: [sdist('1.0')] });
    fake.fail('/pypi/pkg/1.0/json', { status: 503 });
    await expect(registry.manifest('pkg', '1.0', signal)).rejects.toMatchObject({ name: 'TransientError' });
  });
});

it('a project that its index has quarantined is withdrawn', async () => {
  const { fake, registry } = await open();
  fake.publish({
    name: 'pkg',
    files: [wheel('1.0')],
    page: { 'project-status': { status: 'quarantined', reason: 'malware' } },
  });
  expect((await registry.manifest('pkg', '1.0', signal)).withdrawn).toEqual({
    how: 'yanked',
    reason: 'The project is quarantined. malware',
  });
});

it('entries of other projects, eggs, installers and entries that cannot be read are no files of the version', async () => {
  const { fake, registry } = await open();
  const odd = [
    'pkg-extra-1.0.tar.gz',
    'other-1.0-py3-none-any.whl',
    'pkg-1.0-py3.6.egg',
    'pkg-1.0.exe',
    'pkg-1.0-none-any.whl',
    'pkg-1.0..tar.gz',
  ];
  fake.publish({
    name: 'pkg',
    files: [...odd.map((file) => ({ file, body: Buffer.from(file) })), wheel('1.0')],
  });
  const { files } = await registry.manifest('pkg', '1.0', signal);
  expect(files.map(({ file }) => file)).toEqual(['pkg-1.0-py3-none-any.whl']);
});

it('hashes that are no hashes, and weak ones, are no statement', async () => {
  const { fake, registry } = await open();
  fake.publish({
    name: 'pkg',
    files: [wheel('1.0', { hashes: { sha256: 'abc', md5: '0'.repeat(32), sha384: 'F'.repeat(96) } })],
  });
  const { files } = await registry.manifest('pkg', '1.0', signal);
  expect(files[0]!.hashes).toEqual([{ algorithm: 'sha384', hex: 'f'.repeat(96) }]);
});

it('at most 16 files are assessed, those first that most installers take, and the others are known by their hashes', async () => {
  const { fake, registry } = await open();
  const tags = Array.from({ length: 40 }, (_, at) => `cp3${at}-cp3${at}-win_amd64`);
  fake.publish({
    name: 'pkg',
    files: [...tags.map((tag) => wheel('1.0', { tag })), wheel('1.0'), sdist('1.0')],
  });
  const { files, otherHashes } = await registry.manifest('pkg', '1.0', signal);
  expect(files).toHaveLength(16);
  expect(otherHashes).toHaveLength(26);
  expect(files.slice(0, 3).map(({ file }) => file)).toEqual([
    'pkg-1.0.tar.gz',
    'pkg-1.0-py3-none-any.whl',
    'pkg-1.0-cp339-cp339-win_amd64.whl',
  ]);
});

it('one broken page among well ones is the fault of its project, and a page of a portal is an outage', async () => {
  const { fake, registry } = await open();
  fake.publish({ name: 'pkg', files: [wheel('1.0')] });
  await registry.manifest('pkg', '1.0', signal);
  fake.serve('/simple/broken/', 'application/json', '{"files": 7}');
  await expect(registry.manifest('broken', '1.0', signal)).rejects.toMatchObject({
    name: 'PermanentError',
    code: 'registry.invalid-metadata',
  });
  fake.fail('*', { status: 200, body: '<html><title>Sign in</title><a href="/x">links</a></html>' });
  await expect(registry.manifest('other', '1.0', signal)).rejects.toMatchObject({
    code: 'registry.unusable-answer',
  });
});

it('a name that could lead elsewhere is not asked for', async () => {
  const { fake, registry } = await open();
  for (const name of ['../admin', 'a/b', '', '.'])
    await expect(registry.manifest(name, '1.0', signal)).rejects.toMatchObject({
      code: 'registry.version-not-found',
    });
  expect(fake.requests()).toBe(0);
});
