import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { s3ArtifactStore } from '@sluice/artifacts';
import { startStack, stackServices, type Stack } from '@sluice/embedded';
import { fakeNpmRegistry, packageLock } from '@sluice/ecosystems/npm/testkit';
import { freePort } from '@sluice/servers';
import { waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startS3 } from '../libs/artifacts/test/s3-server.ts';

/** The split stack without a folder that its services share: artifacts are in a bucket. */
const registry = await fakeNpmRegistry();
const s3 = await startS3();
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-bucket-e2e-'));
const { url, keyId, secret } = s3.optionsOf();
let stack: Stack;

beforeAll(async () => {
  // This server knows no conditional writes, by which services that start at once agree on the first store.
  await s3ArtifactStore(s3.optionsOf()).makeId();
  const env = {
    PATH: process.env['PATH'],
    NPM_REGISTRY_URL: registry.url,
    ADVISORIES_URL: 'off',
    SLUICE_NATS_SERVER: process.env['SLUICE_NATS_SERVER'],
    ARTIFACTS_S3_URL: url,
    ARTIFACTS_S3_KEY_ID: keyId,
    ARTIFACTS_S3_SECRET: secret,
  };
  const ports = { port: await freePort(), gatePort: await freePort() };
  stack = await startStack({
    stateFolder: folder,
    services: stackServices,
    env,
    split: true,
    open: true,
    ...ports,
  });
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const ask = async (route: string, init: RequestInit = {}) => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(stack.info.apiUrl + route, { headers, ...init })).json() as Promise<
    Record<string, unknown>
  >;
};

it('takes a lockfile in, judges it and serves what is approved, and keeps nothing in a folder', async () => {
  const { tarball } = registry.publish({
    name: 'kept',
    version: '1.0.0',
    manifest: { license: 'MIT' },
    publishedAt: '2024-01-01T00:00:00.000Z',
  });
  const { id } = await ask('/v1/requests', {
    method: 'POST',
    body: packageLock(3, [{ name: 'kept', version: '1.0.0' }]),
  });
  await waitFor(async () => (await ask(`/v1/requests/${id as string}`))['completedAt'] != null, {
    what: 'the request to end',
  });
  const purl = encodeURIComponent('pkg:npm/kept@1.0.0');
  await ask(`/v1/packages/${purl}/approve`, { method: 'POST', body: JSON.stringify({ reason: 'tried' }) });
  const served = await waitFor(
    async () => {
      const response = await fetch(`${stack.info.gateUrl}/npm/kept/-/kept-1.0.0.tgz`);
      return response.status === 200 ? Buffer.from(await response.arrayBuffer()) : null;
    },
    { what: 'the archive at the gate' },
  );
  expect(served.equals(tarball)).toBe(true);
  expect(
    s3.requests.filter(({ method, path: at }) => method === 'PUT' && at.includes('/sha256/')),
  ).not.toEqual([]);
  expect(await readdir(stack.info.artifactsFolder)).toEqual([]);
}, 120_000);
