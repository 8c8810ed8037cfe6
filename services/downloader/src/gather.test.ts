import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactIndex, fileArtifactStore } from '@sluice/artifacts';
import { statedHashes, type PackageFile } from '@sluice/contracts';
import { createEgress, type Egress } from '@sluice/egress';
import { fakeNpmRegistry, fakeRegistries, type PublishedPackage } from '@sluice/ecosystems/npm/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { registryOf } from '@sluice/registries';
import type { FetchedBytes } from '@sluice/stages';
import { downloadFlight, gatherBytes, gatherFiles } from './gather.ts';

const fake = await fakeNpmRegistry();
const { signal } = new AbortController();
let folder: string;
let egress: Egress;
let deps: Parameters<typeof gatherBytes>[1];
let published: PublishedPackage;
let count = 0;
const reported: FetchedBytes[] = [];

beforeEach(async () => {
  reported.length = 0;
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-downloader-'));
  egress = createEgress({ allowHosts: [], trustedOrigins: [fake.url], timeouts: { deadlineMs: 5_000 } });
  deps = {
    registry: registryOf(fakeRegistries(fake, egress), 'npm'),
    artifacts: fileArtifactStore(folder),
    index: fileArtifactIndex(folder),
    flight: downloadFlight(),
    report: (bytes) => void reported.push(bytes),
  };
  published = fake.publish({
    name: `pkg-${++count}`,
    version: '1.0.0',
    files: { 'index.js': 'x'.repeat(5_000) },
  });
});
afterEach(async () => {
  await egress.close();
  await rm(folder, { recursive: true, force: true });
});

const fileOf = (
  more: { integrity?: string | null; shasum?: string | null; tarballUrl?: string } = {},
): PackageFile => {
  const { integrity = published.integrity, shasum = null, tarballUrl = published.tarballUrl } = more;
  const hashes = statedHashes({ integrity, shasum });
  return { file: 'a.tgz', kind: 'tarball', platform: null, url: tarballUrl, sizeBytes: null, hashes };
};
const hex = (algorithm: string) => createHash(algorithm).update(published.tarball).digest('hex');

async function storedFiles(): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name !== 'store-id').length;
}

it('stores bytes that match, with every digest that a lockfile may pin', async () => {
  expect(await gatherBytes(fileOf(), deps, signal)).toEqual({
    status: 'verified',
    artifactDigest: `sha256:${hex('sha256')}`,
    sizeBytes: published.tarball.length,
    digests: { sha1: hex('sha1'), sha256: hex('sha256'), sha384: hex('sha384'), sha512: hex('sha512') },
    verifiedWith: 'sha512',
  });
  expect((await deps.artifacts.read(`sha256:${hex('sha256')}`)).equals(published.tarball)).toBe(true);
});

it('verifies with the hashes that the registry has', async () => {
  const sha1 = { integrity: null, shasum: hex('sha1') };
  expect(await gatherBytes(fileOf(sha1), deps, signal)).toMatchObject({
    status: 'verified',
    verifiedWith: 'sha1',
  });
  const none = { integrity: null, shasum: null };
  expect(await gatherBytes(fileOf(none), deps, signal)).toMatchObject({
    status: 'verified',
    verifiedWith: 'none',
  });
});

it.each([
  ['wrong bytes', { corrupt: true }, 3],
  // Each time the rest is asked for, once: it brings nothing.
  ['a truncated body', { truncateAt: 100 }, 6],
  ['a truncated body of a host without parts', { truncateAt: 100, noRanges: true }, 3],
])('stores nothing of %s and gives up after the third try', async (_name, fault, requests) => {
  fake.fail(published.tarballPath, fault);
  expect(await gatherBytes(fileOf(), deps, signal)).toMatchObject({ status: 'integrity-failed' });
  expect(fake.requests(published.tarballPath)).toBe(requests);
  expect(await storedFiles()).toBe(0);
});

it('stores what came in two parts, fetched once', async () => {
  fake.fail(published.tarballPath, { truncateAt: 100, times: 1 });
  expect(await gatherBytes(fileOf(), deps, signal)).toMatchObject({
    status: 'verified',
    artifactDigest: `sha256:${hex('sha256')}`,
  });
  expect(fake.bytesSent(published.tarballPath)).toBe(published.tarball.length);
});

it('tells how much is here, of what size it will be', async () => {
  await gatherBytes(fileOf(), deps, signal);
  const total = published.tarball.length;
  expect(reported.at(-1)).toEqual({ received: total, total });
  expect(reported.map(({ received }) => received)).toEqual(
    reported.map(({ received }) => received).toSorted((a, b) => a - b),
  );
  const both: FetchedBytes[] = [];
  const others = ['second', 'third'].map((name) =>
    fake.publish({ name, version: '1.0.0', files: { 'a.js': name.repeat(2_000) } }),
  );
  const files = others.map(({ tarballUrl, integrity }) => fileOf({ tarballUrl, integrity }));
  const registries = fakeRegistries(fake, egress);
  await gatherFiles({ purl: 'pkg:npm/a@1.0.0', files }, { ...deps, registries }, signal, (bytes) =>
    both.push(bytes),
  );
  const sum = others.reduce((bytes, { tarball }) => bytes + tarball.length, 0);
  expect(both[0]).toMatchObject({ total: null });
  expect(both.at(-1)).toEqual({ received: sum, total: sum });
});

it('takes the third try when it is right', async () => {
  fake.fail(published.tarballPath, { corrupt: true, times: 2 });
  expect(await gatherBytes(fileOf(), deps, signal)).toMatchObject({ status: 'verified' });
});

it('does not take bytes that were replaced after the statement was recorded', async () => {
  const recorded = fileOf();
  fake.publish({ name: published.name, version: '1.0.0', files: { 'index.js': 'other' } });
  expect(await gatherBytes(recorded, deps, signal)).toMatchObject({ status: 'integrity-failed' });
  expect(await storedFiles()).toBe(0);
});

it('says that the registry does not have the bytes', async () => {
  const tarballUrl = `${fake.url}/gone/-/gone-1.0.0.tgz`;
  expect(await gatherBytes(fileOf({ tarballUrl }), deps, signal)).toEqual({ status: 'missing' });
});

it('never calls an outage an integrity failure', async () => {
  fake.fail(published.tarballPath, { status: 503 });
  const outage = { name: 'TransientError', code: 'registry.unavailable', host: new URL(fake.url).host };
  await expect(gatherBytes(fileOf(), deps, signal)).rejects.toMatchObject(outage);
  expect(fake.requests(published.tarballPath)).toBe(1);
});

it('takes no page in place of an archive for the archive, nor for an outage while the host is well', async () => {
  const other = fake.publish({ name: 'other', version: '1.0.0', files: { 'a.js': '1' } });
  const page = { status: 200, body: '<html>Sign in</html>' };
  const { host } = new URL(fake.url);
  const unusable = { name: 'TransientError', code: 'registry.unusable-answer' };
  fake.fail('*', page);
  await expect(gatherBytes(fileOf(), deps, signal)).rejects.toMatchObject({ ...unusable, host });
  fake.fail('*', null);
  const { tarballUrl, integrity } = other;
  const wellKnown = fileOf({ tarballUrl, integrity });
  expect(await gatherBytes(wellKnown, deps, signal)).toMatchObject({ status: 'verified' });
  fake.fail(published.tarballPath, page);
  await expect(gatherBytes(fileOf(), deps, signal)).rejects.toMatchObject({ ...unusable, host: undefined });
  // Without a hash to compare with, a page is no archive either.
  const unstated = fileOf({ integrity: null });
  await expect(gatherBytes(unstated, deps, signal)).rejects.toMatchObject(unusable);
});

it('fetches the same content once, also when it is asked for twice at a time', async () => {
  await Promise.all([gatherBytes(fileOf(), deps, signal), gatherBytes(fileOf(), deps, signal)]);
  const again = { ...deps, flight: downloadFlight() };
  expect(await gatherBytes(fileOf(), again, signal)).toMatchObject({
    status: 'verified',
    verifiedWith: 'sha512',
  });
  expect(fake.requests(published.tarballPath)).toBe(1);
});

it('fetches bytes again that were damaged in the store, or that differ from the index', async () => {
  await gatherBytes(fileOf(), deps, signal);
  const address = path.join(
    folder,
    'sha256',
    hex('sha256').slice(0, 2),
    hex('sha256').slice(2, 4),
    hex('sha256'),
  );
  await writeFile(address, 'damaged');
  expect(await gatherBytes(fileOf(), deps, signal)).toMatchObject({ status: 'verified' });
  const other = await deps.artifacts.put(Buffer.from('other bytes'));
  await deps.index.remember(hex('sha512'), other.digest);
  expect(await gatherBytes(fileOf(), deps, signal)).toMatchObject({
    artifactDigest: `sha256:${hex('sha256')}`,
  });
  expect(fake.requests(published.tarballPath)).toBe(3);
});

it('stops between tries when it is told to', async () => {
  fake.fail(published.tarballPath, { corrupt: true });
  const abort = new AbortController();
  const stopping = new Error('stopping');
  const gathering = gatherBytes(fileOf(), deps, abort.signal);
  abort.abort(stopping);
  await expect(gathering).rejects.toBe(stopping);
});
