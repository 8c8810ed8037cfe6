import { spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PermanentError, readSubmission, uuidV7, type BatchFile } from '@sluice/contracts';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { zipOf } from '@sluice/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testImporter } from '../../test/importer-kit.ts';
import { giveUpBatch, onBatchSubmitted } from './on-batch-submitted.ts';

const { deps, sql, eventOf, handle, open, requestsOf, toldOf } = await testImporter();

const lock = (name: string) => packageLock(3, [{ name, version: '1.0.0' }]);
const shown = ({ path: file, result, format, reason }: BatchFile) =>
  [file, result, format ?? reason?.code].join(' ');
const itemsOf = async (digest: string) =>
  readSubmission(JSON.parse((await deps.artifacts.read(digest)).toString())).items.map(
    ({ purl, name }) => purl ?? name,
  );

describe('a batch', () => {
  it('has a request for each file that is read, and says why the others are left out', async () => {
    const told = await open(
      zipOf({
        'web/package-lock.json': lock('a'),
        'web/node_modules/x/package-lock.json': lock('never'),
        'api/requirements.txt': 'b==1.0',
        'README.md': '# hello',
        'docs/any-name.json': '["pkg:npm/c@1.0.0"]',
        'tsconfig.json': '{"compilerOptions":{}}',
        'broken/package-lock.json': '{',
        'inner.zip': 'PK',
      }),
      { labels: { team: 'a' }, requester: 'mira', lane: 'bulk', scope: 'team-a' },
    );
    expect(told.files.map(shown)).toEqual([
      'web/package-lock.json request npm-package-lock@3',
      'web/node_modules/x/package-lock.json ignored file.installed',
      'api/requirements.txt request requirements@1',
      'README.md ignored file.other',
      'docs/any-name.json request purls@1',
      'tsconfig.json ignored file.other',
      'broken/package-lock.json refused input.not-json',
      'inner.zip ignored file.archive',
    ]);
    expect(told).toMatchObject({
      fileCount: 8,
      requestCount: 3,
      refusedCount: 1,
      ignoredCount: 4,
      opening: 1,
    });
    expect(told.failure).toBeUndefined();
    const requests = await requestsOf(told.batchId);
    expect(requests.map(({ requestId }) => requestId)).toEqual(
      told.files.flatMap(({ requestId }) => requestId ?? []),
    );
    expect(requests[0]).toMatchObject({
      filename: 'web/package-lock.json',
      labels: { team: 'a' },
      requester: 'mira',
      lane: 'bulk',
      scope: 'team-a',
      itemCount: 1,
    });
    expect(await Promise.all(requests.map(({ listDigest }) => itemsOf(listDigest)))).toEqual([
      ['pkg:npm/a@1.0.0'],
      ['pkg:pypi/b@1.0'],
      ['pkg:npm/c@1.0.0'],
    ]);
  });

  it('of files that were sent by themselves is the same', async () => {
    const told = await open({ 'a/package-lock.json': lock('a'), 'b/requirements.txt': 'b==1', 'c.md': 'c' });
    expect(told.files.map(shown)).toEqual([
      'a/package-lock.json request npm-package-lock@3',
      'b/requirements.txt request requirements@1',
      'c.md ignored file.other',
    ]);
  });

  it('resolves requirements that include others, wherever those stand', async () => {
    const told = await open(
      zipOf({
        'app/requirements.txt': '-r ../base.txt\n-c ../pins.txt\na',
        'base.txt': 'b==2',
        'pins.txt': 'a==1.5',
      }),
    );
    const [request, ...others] = await requestsOf(told.batchId);
    expect(await itemsOf(request!.listDigest)).toEqual(['pkg:pypi/b@2', 'pkg:pypi/a@1.5']);
    expect(others).toEqual([]);
    expect(told.files.map(shown).slice(1)).toEqual([
      'base.txt ignored file.included',
      'pins.txt ignored file.included',
    ]);
  });

  it('leaves out what its platforms do not install', async () => {
    const file = JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { name: 'app', version: '1.0.0', dependencies: {} },
        'node_modules/a': { version: '1.0.0', optional: true, os: ['darwin'] },
      },
    });
    const told = await open(zipOf({ 'package-lock.json': file }), { platforms: ['linux-x64'] });
    const [request] = await requestsOf(told.batchId);
    expect(await itemsOf(request!.listDigest)).toEqual(['a']);
  });

  it.each([
    [
      'nothing that is read',
      { 'README.md': 'x', 'package.json': '{"name":"a","version":"1.0.0"}' },
      'It has 2 files',
    ],
    ['one broken lockfile', { 'package-lock.json': '{}' }, 'package-lock.json: '],
  ])('with %s fails, and says so', async (_, files, detail) => {
    const told = await open(zipOf(files));
    expect(told).toMatchObject({ requestCount: 0, failure: { code: 'batch.no-files' } });
    expect(told.failure!.detail).toContain(detail);
    expect(await requestsOf(told.batchId)).toEqual([]);
    const [row] = await sql`select opening from batches where id = ${told.batchId}`;
    expect(row).toEqual({ opening: 1 });
  });

  it('with more lockfiles than are read at once fails as a whole', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 501 }, (_, at) => [`${at}/package-lock.json`, lock('a')]),
    );
    expect(await open(zipOf(files))).toMatchObject({
      requestCount: 0,
      failure: { code: 'batch.too-many-files' },
    });
    const offered = Object.fromEntries(
      Array.from({ length: 501 }, (_, at) => [`${at}.json`, '["pkg:npm/a@1.0.0"]']),
    );
    expect(await open(zipOf(offered))).toMatchObject({
      requestCount: 0,
      failure: { code: 'batch.too-many-files' },
    });
  });

  it('of 500 lockfiles among thousands of other files is opened, and the list is bounded', async () => {
    const locks = Array.from({ length: 500 }, (_, at) => [`${at}/package-lock.json`, lock('a')]);
    const others = Array.from({ length: 4_000 }, (_, at) => [`x/${at}.js`, '']);
    const told = await open(zipOf(Object.fromEntries([...others, ...locks])));
    expect(told).toMatchObject({ fileCount: 4_500, requestCount: 500, ignoredCount: 4_000 });
    expect(told.files).toHaveLength(2_000);
    expect(told.files.filter(({ result }) => result === 'request')).toHaveLength(500);
  });

  it('with a name that shows other text than it has is refused there, and nowhere else', async () => {
    const told = await open(
      zipOf({ 'a\u202e/package-lock.json': lock('a'), 'b/package-lock.json': lock('b') }),
    );
    expect(told.files.map(shown)).toEqual([
      'a\\u{202e}/package-lock.json refused file.name-unreadable',
      'b/package-lock.json request npm-package-lock@3',
    ]);
  });
});

/** A zip with a Unix mode at its only entry. */
function withMode(mode: number): Buffer {
  const zip = zipOf({ 'package-lock.json': '../target' });
  const entry = zip.indexOf('PK\x01\x02');
  zip.writeUInt8(3, entry + 5);
  zip.writeUInt32LE((mode << 16) >>> 0, entry + 38);
  return zip;
}
const plainZip = zipOf({ 'package-lock.json': lock('a') });
const encrypted = () => {
  const zip = Buffer.from(plainZip);
  for (const at of [6, zip.indexOf('PK\x01\x02') + 8]) zip.writeUInt16LE(1, at);
  return zip;
};
const twice = Buffer.from(
  zipOf({ 'a/package-lock.json': lock('a'), 'b/package-lock.json': lock('b') })
    .toString('latin1')
    .replaceAll('b/package-lock', 'a/package-lock'),
  'latin1',
);

it.each<[string, () => Buffer, string]>([
  ['a path that leaves it', () => zipOf({ '../package-lock.json': lock('a') }), 'archive.path-traversal'],
  ['an absolute path', () => zipOf({ '/package-lock.json': lock('a') }), 'archive.absolute-path'],
  ['a drive', () => zipOf({ 'c:/package-lock.json': lock('a') }), 'archive.absolute-path'],
  ['a backslash', () => zipOf({ 'a\\package-lock.json': lock('a') }), 'archive.backslash-path'],
  ['a link', () => withMode(0o120777), 'archive.special-file'],
  ['a device', () => withMode(0o020666), 'archive.special-file'],
  ['a bomb', () => zipOf({ 'package-lock.json': Buffer.alloc(64 * 1024 * 1024) }), 'archive.ratio-exceeded'],
  [
    'too much in it',
    () =>
      zipOf(
        Object.fromEntries(
          Array.from({ length: 9 }, (_, at) => [
            `${at}`,
            Buffer.alloc(25 * 1024 * 1024).fill('0123456789abcdef'),
          ]),
        ),
      ),
    'archive.ratio-exceeded',
  ],
  ['an encrypted file', encrypted, 'archive.unsupported-entry'],
  ['two files of one name', () => twice, 'archive.ambiguous'],
  ['an end that is cut off', () => plainZip.subarray(0, -30), 'archive.'],
  ['bytes behind it', () => Buffer.concat([plainZip, Buffer.from('x')]), 'archive.'],
  ['no bytes', () => Buffer.alloc(0), 'archive.empty'],
  ['no zip', () => Buffer.from('{"lockfileVersion":3}'), 'archive.not-an-archive'],
  ['no entries', () => zipOf({}), 'archive.empty'],
  ['one path in two spellings', () => zipOf({ 'a.lock': 'x', './a.lock': 'y' }), 'archive.ambiguous'],
])('an archive with %s becomes no request', async (_, zip, reason) => {
  const told = await open(zip());
  expect(told.failure).toMatchObject({ code: 'batch.archive-refused' });
  expect(told.failure!.detail).toContain(reason);
  expect(await requestsOf(told.batchId)).toEqual([]);
});

describe('a batch that is told of again', () => {
  it('stays as it is, and has the same requests', async () => {
    const event = await eventOf(zipOf({ 'package-lock.json': lock('a') }));
    const { batchId } = event.data;
    await Promise.all([handle(event), handle(event)]);
    await handle({ ...event, id: uuidV7() });
    expect(await toldOf(batchId)).toHaveLength(1);
    expect(await requestsOf(batchId)).toHaveLength(1);
    const again = await open(zipOf({ 'package-lock.json': lock('a') }), { batchId: uuidV7() });
    expect(again.files[0]!.requestId).not.toBe((await toldOf(batchId))[0]!.files[0]!.requestId);
  });

  it('is opened after all when it could not be read before', async () => {
    const event = await eventOf({ 'package-lock.json': lock('a') });
    const { batchId } = event.data;
    await giveUpBatch(deps)(
      { event, traceparent: undefined, sequence: 1 },
      new PermanentError('batch.upload-unreadable', 'gone'),
    );
    await giveUpBatch(deps)({ event, traceparent: undefined, sequence: 1 }, new Error('again'));
    await handle(event);
    expect(await toldOf(batchId)).toMatchObject([
      { opening: 1, failure: { code: 'batch.upload-unreadable', detail: 'gone' } },
      { opening: 2, requestCount: 1 },
    ]);
  });

  it('waits while its upload is not there', async () => {
    const event = await eventOf(zipOf({}), {
      upload: { kind: 'archive', digest: `sha256:${'0'.repeat(64)}` },
    });
    await expect(handle(event)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'batch.upload-unreadable',
    });
    expect(await toldOf(event.data.batchId)).toEqual([]);
  });

  it('and that the importer made itself is left alone', async () => {
    const event = await eventOf(zipOf({}), { upload: null });
    await onBatchSubmitted(deps)([{ event, traceparent: undefined, sequence: 1 }]);
    expect(await toldOf(event.data.batchId)).toEqual([]);
  });
});

/** Zips as other programs write them. */
const programs: [string, string[]][] = [
  ['zip', ['zip', '-rq', '../out.zip', '.']],
  [
    'git',
    [
      'sh',
      '-c',
      'git init -q . && git add . && git -c user.name=a -c user.email=a@b.example commit -qm x && git archive --format=zip -o ../out.zip HEAD',
    ],
  ],
  ['python3', ['python3', '-c', 'import shutil; shutil.make_archive("../out", "zip", ".")']],
];
describe('a zip of', () => {
  it.each(programs)('%s is read', async (name, [command, ...args]) => {
    if (spawnSync(name, ['--version'], { stdio: 'ignore' }).error) {
      process.stderr.write(`Skipped: there is no ${name} on this machine.\n`);
      return;
    }
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-zip-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await mkdir(path.join(folder, 'in', 'web', 'empty'), { recursive: true });
    await writeFile(path.join(folder, 'in', 'web', 'package-lock.json'), lock('a'));
    await writeFile(path.join(folder, 'in', 'größe.txt'), 'x');
    const made = spawnSync(command!, args, { cwd: path.join(folder, 'in'), encoding: 'utf8' });
    expect(made.stderr).toBe('');
    const told = await open(await readFile(path.join(folder, 'out.zip')));
    expect(told.failure).toBeUndefined();
    expect(told.files.map(shown)).toContain('web/package-lock.json request npm-package-lock@3');
  });
});
