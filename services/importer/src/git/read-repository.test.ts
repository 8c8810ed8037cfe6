import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorCodeOf } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import type { FakeGitServer } from '@sluice/testkit';
import { testGitServer } from '../../test/git-server.ts';
import { parseGitAddress } from './address.ts';
import { findGitWay } from './git-hosts.ts';
import { NotWanted, readRepository, type Reading } from './read-repository.ts';

const server = await testGitServer();
const secret = 'glpat-0123456789abcdef';
const guarded = await testGitServer({ token: secret });
const unfiltered = await testGitServer({ hasFilters: false });
const root = await mkdtemp(path.join(tmpdir(), 'sluice-work-'));
const secretFile = path.join(root, 'token');
await writeFile(secretFile, `${secret}\n`);
afterAll(() => rm(root, { recursive: true, force: true }));

async function read(
  of: FakeGitServer,
  name: string,
  changes: Partial<Reading> & { tokenFile?: string } = {},
) {
  const { tokenFile, ...more } = changes;
  const address = parseGitAddress(`${of.origin}/${name}`);
  const way = await findGitWay(address, { hosts: [of.origin] });
  const credential = tokenFile === undefined ? null : { host: address.host, tokenFile };
  const texts: Record<string, string> = {};
  const reading: Reading = {
    target: { address, way, credential, ca: undefined },
    ref: 'main',
    paths: [],
    choose: (files) => files.filter(({ kind, path: at }) => kind === 'file' && at.endsWith('.txt')),
    root: path.join(root, 'work'),
    limits: { timeoutMs: 30_000, sizeMaxBytes: 50 * 1024 * 1024, filesMax: 150_000 },
    isWanted: async () => true,
    signal: new AbortController().signal,
    log: createLogger('importer', 'silent'),
    ...more,
  };
  return readRepository(reading, async (repository) => {
    await repository.read(
      () => true,
      ({ path: at }, content) => void (texts[at] = content.toString()),
    );
    return { commit: repository.commit, tree: repository.tree, files: repository.files, texts };
  });
}
const codeOf = (promise: Promise<unknown>) => promise.then(() => 'read', errorCodeOf);
const leftOver = () => readdir(path.join(root, 'work'));

describe('a repository', () => {
  it.each([
    ['that leaves contents out', server],
    ['that sends everything', unfiltered],
  ])('is read at one commit from a server %s', async (_, of) => {
    const commit = of.commit('plain.git', {
      'a.txt': 'one',
      'b/c.txt': 'two',
      'b/large.bin': 'x'.repeat(50_000),
    });
    const found = await read(of, 'plain.git');
    expect(found.commit).toBe(commit);
    expect(found.texts).toEqual({ 'a.txt': 'one', 'b/c.txt': 'two' });
    expect(found.files.map((file) => [file.path, file.sizeBytes])).toEqual([
      ['a.txt', 3],
      ['b/c.txt', 3],
      ['b/large.bin', null],
    ]);
    expect(await leftOver()).toEqual([]);
  });

  it('is read by branch, full name and commit, and below the paths that are named', async () => {
    const first = server.commit('refs.git', { 'a.txt': '1' });
    server.commit('refs.git', { 'a.txt': '2', 'x/b.txt': '3', 'y/b.txt': '4' }, 'next');
    expect((await read(server, 'refs.git', { ref: 'refs/heads/next', paths: ['x', 'a.txt'] })).texts).toEqual(
      {
        'a.txt': '2',
        'x/b.txt': '3',
      },
    );
    expect((await read(server, 'refs.git', { ref: first })).texts).toEqual({ 'a.txt': '1' });
    expect((await read(server, 'refs.git', { ref: 'HEAD' })).commit).toBe(first);
    expect(await codeOf(read(server, 'refs.git', { ref: 'nowhere' }))).toBe('git.ref-not-found');
    expect(await codeOf(read(server, 'refs.git', { paths: ['a.txt', 'aa'] }))).toBe('git.path-not-found');
    expect(await codeOf(read(server, 'none.git'))).toBe('git.repository-not-found');
  });

  it('is read with its token alone', async () => {
    guarded.commit('private.git', { 'a.txt': 'mine' });
    expect(await codeOf(read(guarded, 'private.git'))).toBe('git.auth');
    const found = await read(guarded, 'private.git', { tokenFile: secretFile });
    expect(found.texts).toEqual({ 'a.txt': 'mine' });
    await writeFile(path.join(root, 'wrong'), 'wrong');
    const refused = await read(guarded, 'private.git', { tokenFile: path.join(root, 'wrong') }).catch(String);
    expect(refused).toMatch(/does not let/);
  });
});

it('git connects to the address that was checked, and resolves no name itself', async () => {
  const commit = server.commit('named.git', { 'a.txt': 'one' });
  const { port } = new URL(server.origin);
  // No resolver knows the name.
  const origin = `http://git.example:${port}`;
  const address = parseGitAddress(`${origin}/named.git`);
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const way = await findGitWay(address, { hosts: [origin], resolve });
  const target = { address, way, credential: null, ca: undefined };
  expect(await read(server, 'named.git', { target })).toMatchObject({ commit, texts: { 'a.txt': 'one' } });
  const unpinned = { ...target, way: { ...way, addresses: [] } };
  expect(await codeOf(read(server, 'named.git', { target: unpinned }))).toBe('git.unreachable');
});

describe('a hostile repository', () => {
  it('has its links, submodules and odd names listed, and none of them followed or made', async () => {
    const odd = [
      '--upload-pack=touch x.txt',
      'a\nb.txt',
      '.git/config',
      'x/.git/hooks/post-checkout',
      'a\tb.txt',
      ':(top)x.txt',
    ];
    server.commit('odd.git', {
      ...Object.fromEntries(odd.map((name) => [name, 'text'])),
      'link.txt': { link: '/etc/passwd' },
      module: { submodule: '1234567890123456789012345678901234567890' },
      '.gitmodules': '[submodule "module"]\n\tpath = module\n\turl = ext::sh -c touch% x\n',
      '.gitattributes': '*.txt filter=lfs diff=run\n',
      '.lfsconfig': '[lfs]\n\turl = http://127.0.0.1:1/\n',
    });
    const { tree, files, texts } = await read(server, 'odd.git');
    expect(tree.filter(({ kind }) => kind !== 'file').map(({ path: at, kind }) => [at, kind])).toEqual([
      ['link.txt', 'link'],
      ['module', 'submodule'],
    ]);
    expect(files.filter(({ standsFor }) => standsFor).map((file) => [file.path, file.standsFor])).toEqual([
      ['link.txt', 'link'],
      ['module', 'submodule'],
    ]);
    expect(files.flatMap(({ path: at, standsFor }) => (standsFor ? [] : [at])).toSorted()).toEqual(
      [...odd, '.gitattributes', '.gitmodules', '.lfsconfig'].toSorted(),
    );
    expect(Object.keys(texts).toSorted()).toEqual(odd.filter((name) => name.endsWith('.txt')).toSorted());
  });

  it('of a hundred thousand files is read, and refused beyond the limit', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, at) => [`d${at % 100}/${at}`, 'same']),
    );
    server.commit('many.git', { ...files, 'a.txt': 'one' });
    expect((await read(server, 'many.git')).tree).toHaveLength(100_001);
    const limits = { timeoutMs: 30_000, sizeMaxBytes: 50 * 1024 * 1024, filesMax: 100_000 };
    expect(await codeOf(read(server, 'many.git', { limits }))).toBe('git.too-many-files');
  });

  it('that grows beyond the limit is given up, and its folder removed', async () => {
    const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7919) ^ (at >> 3)));
    unfiltered.commit('large.git', { 'a.txt': noise });
    const limits = { timeoutMs: 30_000, sizeMaxBytes: 1_000, filesMax: 10 };
    const slow = read(unfiltered, 'large.git', { limits, choose: () => [] });
    expect(await codeOf(slow)).toBe('git.too-large');
    expect(await leftOver()).toEqual([]);
  });

  it.each([
    ['that answers nothing', (): void => {}, 'git.timeout'],
    ['that points elsewhere', redirected, 'git.redirected'],
    ['that is out of order', broken, 'git.unreachable'],
  ] as const)('of a server %s ends with its own code', async (_, behaviour, code) => {
    server.behave(behaviour);
    const limits = { timeoutMs: 1_500, sizeMaxBytes: 1e6, filesMax: 10 };
    const found = await codeOf(read(server, 'plain.git', { limits }));
    server.behave(null);
    expect(found).toBe(code);
    expect(await leftOver()).toEqual([]);
  });

  it('is left in the middle of a clone when it is no longer wanted, or the service stops', async () => {
    server.behave(() => {});
    const cancelled = read(server, 'plain.git', { isWanted: async () => false });
    await expect(cancelled).rejects.toBeInstanceOf(NotWanted);
    const stopping = new AbortController();
    const stopped = read(server, 'plain.git', { signal: stopping.signal });
    stopping.abort(new Error('stopping'));
    await expect(stopped).rejects.toThrow('stopping');
    server.behave(null);
    expect(await leftOver()).toEqual([]);
  });
});

function redirected(_: unknown, response: ServerResponse): void {
  response.writeHead(301, { location: `${guarded.origin}/private.git/info/refs` }).end();
}
function broken(_: unknown, response: ServerResponse): void {
  response.writeHead(503).end();
}
