import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeGateway } from '../../test/fake-gateway.ts';
import {
  aBatch,
  aFile,
  aPage,
  aReason,
  aRequest,
  anItem,
  at,
  batchId,
  requestId,
} from '../../test/answers.ts';

const id = batchId;
const ignored = aFile({
  path: 'README.md',
  result: 'ignored',
  requestId: null,
  state: null,
  reason: { code: 'file.other', message: 'It is none.' },
});

const gateway = await fakeGateway(() => ({
  'POST /v1/batches': [202, { id, repeated: false }],
  [`GET /v1/batches/${id}`]: [200, aBatch()],
  [`GET /v1/batches/${id}/files`]: [200, aPage(aFile(), ignored)],
  [`GET /v1/requests/${requestId}`]: [200, aRequest()],
  [`GET /v1/requests/${requestId}/items`]: [200, aPage(anItem())],
}));
const { asked, sluice } = gateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-submit-'));
  const files = {
    'all.zip': 'PK zip',
    'repo/web/package-lock.json': '{}',
    'repo/web/node_modules/x/package-lock.json': '{}',
    'repo/api/requirements.txt': '-r ../base.txt',
    'repo/base.txt': 'a==1',
    'repo/README.md': 'x',
    'none/README.md': 'x',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
});
afterAll(() => rm(folder, { recursive: true }));

const submit = (name: string, ...args: string[]) => sluice('submit', path.join(folder, name), ...args);

describe('submit', () => {
  it('sends a zip as it is, with its parameters, and shows what became of each lockfile', async () => {
    const { code, stdout } = await submit(
      'all.zip',
      '--lane',
      'bulk',
      '--label',
      'a=b',
      '--platform',
      'linux-x64',
    );
    expect(asked[0]).toMatchObject({
      line: 'POST /v1/batches?lane=bulk&label=a%3Db&platform=linux-x64&filename=all.zip',
      type: 'application/zip',
      body: 'PK zip',
    });
    expect(code).toBe(0);
    expect(stdout).toContain('web/package-lock.json\n');
    expect(stdout).toContain('1 lockfile: 1 fine, 0 need attention.');
    expect(stdout).toContain('2 other files were ignored');
  });

  it('sends the lockfiles of a folder with what requirements may include, and leaves out the rest', async () => {
    expect((await submit('repo')).code).toBe(0);
    const [{ type, body }] = asked as [(typeof asked)[number]];
    expect(type).toMatch(/^multipart\/form-data; boundary=/);
    const names = [...body.matchAll(/name="file"; filename="([^"]+)"/g)].map(([, name]) => name);
    expect(names.toSorted()).toEqual(['api/requirements.txt', 'base.txt', 'web/package-lock.json']);
  });

  it('refuses a folder whose lockfile is a link to a place outside of it, and leaves out such texts', async () => {
    const outside = path.join(folder, 'secrets');
    await writeFile(outside, 'a-token');
    for (const name of ['linked/requirements.txt', 'texts/base.txt', 'texts/gone.txt']) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await symlink(name.endsWith('gone.txt') ? '/nonexistent' : outside, path.join(folder, name));
    }
    await writeFile(path.join(folder, 'texts/requirements.txt'), 'a==1');
    await symlink('requirements.txt', path.join(folder, 'texts/requirements-dev.txt'));
    const refused = await submit('linked');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('a link to a place outside')]);
    expect(asked).toEqual([]);
    expect((await submit('texts')).code).toBe(0);
    const names = [...asked[0]!.body.matchAll(/name="file"; filename="([^"]+)"/g)].map(([, name]) => name);
    expect(names.toSorted()).toEqual(['requirements-dev.txt', 'requirements.txt']);
  });

  it('says only which batch it is when nobody waits', async () => {
    const { code, stdout } = await submit('all.zip', '--no-wait');
    expect([code, stdout]).toEqual([0, `Batch ${id}\n`]);
    expect(asked).toHaveLength(1);
    expect(JSON.parse((await submit('all.zip', '--no-wait', '--json')).stdout)).toEqual({
      id,
      repeated: false,
    });
  });

  it('ends with 1 when something needs attention, 2 when a lockfile could not be read or none could, 3 when time is over', async () => {
    const review = anItem({ outcome: 'review', reasons: [aReason('license.unknown', 'review')] });
    gateway.answers[`GET /v1/requests/${requestId}/items`] = [200, aPage(review)];
    expect((await submit('all.zip')).code).toBe(1);
    const refused = aFile({
      result: 'refused',
      requestId: null,
      reason: { code: 'lockfile.invalid', message: 'It is cut off.' },
    });
    gateway.answers[`GET /v1/batches/${id}/files`] = [200, aPage(aFile(), refused)];
    const unread = await submit('all.zip');
    expect(unread.code).toBe(2);
    expect(unread.stdout).toContain('Not vetted: It is cut off. (lockfile.invalid)');
    const failure = { code: 'batch.no-files', detail: 'It has no files.', remedy: 'Send some.' };
    gateway.answers[`GET /v1/batches/${id}`] = [200, aBatch({ state: 'failed', failure })];
    const failed = await submit('all.zip');
    expect([failed.code, failed.stderr]).toEqual([
      2,
      expect.stringContaining('It has no files. (batch.no-files)'),
    ]);
    gateway.answers[`GET /v1/batches/${id}`] = [200, aBatch({ state: 'open', completedAt: null })];
    expect((await submit('all.zip', '--timeout', '0.01')).code).toBe(3);
  });

  it.each([
    ['gone.zip', 'does not exist'],
    ['none', 'has no lockfile'],
  ])('ends with 2 for %s', async (name, why) => {
    const { code, stderr } = await submit(name);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
    expect(asked).toEqual([]);
  });

  it('ends with 2 for two files that would have one name', async () => {
    const { code, stderr } = await sluice(
      'submit',
      path.join(folder, 'repo/web/package-lock.json'),
      path.join(folder, 'repo/web/node_modules/x/package-lock.json'),
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('Two files would be package-lock.json')]);
  });

  it('writes one report over all files', async () => {
    gateway.answers[`GET /v1/batches/${id}/report`] = [
      200,
      {
        generatedAt: at,
        generator: { name: 'sluice', version: '1' },
        requests: [],
        packages: [],
        advisories: [],
      },
    ];
    const { stdout } = await submit('all.zip', '--format', 'cyclonedx');
    expect(JSON.parse(stdout)).toMatchObject({ bomFormat: 'CycloneDX' });
  });
});

describe('batch', () => {
  it('status shows how far it is, and its files', async () => {
    const { stdout } = await sluice('batch', 'status', id, '--files');
    expect(stdout).toContain(
      `Batch ${id} of all.zip: completed\n3 files: 1 read, 0 that should be lockfiles and cannot be read, 2 ignored.`,
    );
    expect(stdout).toMatch(/ignored\s+-\s+README\.md\s+file\.other {2}It is none\./);
    gateway.answers[`GET /v1/batches/${id}`] = [
      200,
      aBatch({ state: 'open', completedAt: null, itemCount: 4, requests: { open: 2 } }),
    ];
    expect((await sluice('batch', 'status', id)).stdout).toContain('1/4 (25 %)');
  });

  it('list shows the newest', async () => {
    gateway.answers['GET /v1/batches'] = [
      200,
      aPage(aBatch(), aBatch({ fileCount: null, requestCount: null, state: 'queued' })),
    ];
    const { stdout } = await sluice('batch', 'list');
    expect(stdout).toContain('1/3');
    expect(stdout).toContain('?/?');
  });

  it.each([
    ['cancel', { batchId: id, requests: 2 }, 'Cancelled: 2 requests by now.\n'],
    ['retry', { items: 3, requests: 1, packages: 2 }, '2 package versions are tried again'],
  ])('%s passes on why, and says what was done', async (command, answer, text) => {
    gateway.answers[`POST /v1/batches/${id}/${command}`] = [200, answer];
    const { code, stdout } = await sluice('batch', command, id, '--reason', 'needed');
    expect([code, stdout]).toEqual([0, expect.stringContaining(text)]);
    expect(JSON.parse(asked[0]!.body)).toEqual({ reason: 'needed' });
    expect((await sluice('batch', command, id)).code).toBe(2);
  });
});
