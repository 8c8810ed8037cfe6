import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore, type ArtifactStore } from '@sluice/artifacts';
import { statedHashes } from '@sluice/contracts';
import { createEgress, type Egress } from '@sluice/egress';
import { fakeNpmRegistry, fakeRegistries } from '@sluice/ecosystems/npm/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gatherManifest, type LicenseDeps } from './gather.ts';

const fake = await fakeNpmRegistry();
const { signal } = new AbortController();
let folder: string;
let egress: Egress;
let artifacts: ArtifactStore;
let deps: LicenseDeps;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-license-'));
  egress = createEgress({ allowHosts: [], trustedOrigins: [fake.url] });
  artifacts = fileArtifactStore(folder);
  deps = { registries: fakeRegistries(fake, egress), artifacts };
});
afterEach(async () => {
  await egress.close();
  await rm(folder, { recursive: true, force: true });
});

it('reads the manifest and keeps it as the registry sent it', async () => {
  const published = fake.publish({
    name: '@scope/kept',
    version: '1.0.0',
    manifest: { license: 'MIT', author: 'somebody' },
    publishedAt: '2024-05-06T07:08:09.000Z',
  });
  const { manifest, metadataDigest, filesDigest } = await gatherManifest(
    { purl: 'pkg:npm/%40scope/kept@1.0.0' },
    deps,
    signal,
  );
  expect(manifest).toMatchObject({ license: 'MIT', publishedAt: '2024-05-06T07:08:09.000Z' });
  expect(manifest.files).toEqual([
    {
      file: 'kept-1.0.0.tgz',
      kind: 'tarball',
      platform: null,
      url: published.tarballUrl,
      sizeBytes: null,
      hashes: statedHashes({ integrity: published.integrity, shasum: null }),
      signature: expect.objectContaining({ status: 'unavailable' }) as unknown,
      provenance: expect.objectContaining({ status: 'unavailable' }) as unknown,
    },
  ]);
  expect(JSON.parse((await artifacts.read(filesDigest)).toString())).toEqual(manifest.files);
  expect(JSON.parse((await artifacts.read(metadataDigest)).toString())).toEqual(manifest.raw);
});

it('throws for a version that is not there: it never becomes "no license"', async () => {
  fake.publish({ name: 'there', version: '1.0.0' });
  const missing = { name: 'PermanentError', code: 'registry.version-not-found' };
  await expect(gatherManifest({ purl: 'pkg:npm/there@2.0.0' }, deps, signal)).rejects.toMatchObject(missing);
  await expect(gatherManifest({ purl: 'pkg:npm/nowhere@1.0.0' }, deps, signal)).rejects.toMatchObject(
    missing,
  );
  await expect(gatherManifest({ purl: 'pkg:pypi/there@1.0.0' }, deps, signal)).rejects.toMatchObject(missing);
});

it('passes an outage on with the wait that the registry asked for', async () => {
  const { metadataPath } = fake.publish({ name: 'throttled', version: '1.0.0' });
  fake.fail(metadataPath, { status: 429, retryAfter: '3', times: 1 });
  const gathering = () => gatherManifest({ purl: 'pkg:npm/throttled@1.0.0' }, deps, signal);
  await expect(gathering()).rejects.toMatchObject({
    name: 'TransientError',
    code: 'registry.unavailable',
    host: new URL(fake.url).host,
    retryAfterMs: 3_000,
  });
  await gathering();
});
