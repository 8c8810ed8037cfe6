import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildScanner } from '../../test/build.ts';
import { chunksOf, packageTarball } from '../../test/tar-builder.ts';
import { childCommand, probeNetworkIsolation, type NetworkIsolation } from './isolation.ts';
import { SandboxChild } from './sandbox-child.ts';
import { createSandbox, type SandboxOptions } from './sandbox.ts';

const closing: (() => Promise<unknown>)[] = [];
let folder = '';

beforeAll(async () => {
  await buildScanner();
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-sandbox-'));
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await rm(folder, { recursive: true });
});

function sandboxOf(options: Partial<SandboxOptions> = {}) {
  const sandbox = createSandbox({ size: 1, ...options });
  closing.push(() => sandbox.close());
  return sandbox;
}

const entryOf = (name: string) => fileURLToPath(new URL(`../../test/children/${name}.mjs`, import.meta.url));
const open = (bytes: Buffer) => async () => chunksOf(bytes, 10_000);
const tarball = packageTarball({
  'package.json': '{"name":"a","version":"1.0.0"}',
  'index.js': 'module.exports = 1;',
});

test('archives are inspected one after the other by the same child', async () => {
  const sandbox = sandboxOf();
  for (let i = 0; i < 3; i += 1) {
    const report = await sandbox.inspect(open(tarball));
    expect(report).toMatchObject({ status: 'scanned', entryCount: 2, manifest: { name: 'a' }, findings: [] });
  }
  expect(sandbox.network).toBe(await probeNetworkIsolation());
});

test('an archive that is refused early leaves the child in order', async () => {
  const sandbox = sandboxOf();
  const junk = Buffer.alloc(2_000_000, 'junk');
  expect(await sandbox.inspect(open(junk))).toMatchObject({
    status: 'unscannable',
    reason: 'archive.not-an-archive',
  });
  expect(await sandbox.inspect(open(tarball))).toMatchObject({ status: 'scanned' });
});

test('a hang ends the child twice and is unscannable', async () => {
  const sandbox = sandboxOf({ entry: entryOf('hang'), jobMs: 300 });
  const report = await sandbox.inspect(open(tarball));
  expect(report).toMatchObject({ status: 'unscannable', reason: 'scanner.child-failed' });
  expect(report.detail).toContain('took longer than 300 ms');
});

test('a hang in the middle of a large archive is the archive’s, whatever the pipe says', async () => {
  const sandbox = sandboxOf({ entry: entryOf('hang'), jobMs: 300 });
  const report = await sandbox.inspect(open(randomBytes(5_000_000)));
  expect(report).toMatchObject({ status: 'unscannable', reason: 'scanner.child-failed' });
});

test.each(['heap', 'buffers'])('memory without end, in the %s, ends the child only', async (kind) => {
  const sandbox = sandboxOf({ entry: entryOf('grow'), heapMaxMegabytes: 64, rssMaxBytes: 300_000_000 });
  const report = await sandbox.inspect(open(Buffer.from(kind)));
  expect(report).toMatchObject({ status: 'unscannable', reason: 'scanner.child-failed' });
});

test.each<NetworkIsolation>(['namespace', 'modules'])(
  'there is no way out, with network isolation by %s',
  async (network) => {
    if (network === 'namespace' && (await probeNetworkIsolation()) === 'modules') return;
    let connections = 0;
    const server = createServer(() => (connections += 1)).listen(0, '127.0.0.1');
    closing.push(async () => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const secret = path.join(folder, 'secret');
    await writeFile(secret, 'secret');
    const job = { port: (server.address() as AddressInfo).port, file: path.join(folder, 'written'), secret };

    const command = childCommand({ entry: entryOf('escape'), network, heapMaxMegabytes: 128 });
    const child = await SandboxChild.start(command, { jobMs: 20_000, rssMaxBytes: 500_000_000 });
    closing.push(() => child.close());
    const outcomes = JSON.parse(
      (await child.run(chunksOf(Buffer.from(JSON.stringify(job))))).toString('utf8'),
    );

    const { environment, ...rest } = outcomes as Record<string, string>;
    expect(environment).toBe('EMPTY');
    expect(Object.entries(rest).filter(([, outcome]) => outcome !== 'ERR_ACCESS_DENIED')).toEqual([]);
    expect(connections).toBe(0);
    expect(existsSync(job.file)).toBe(false);
  },
);

test("the source's failure and the caller's abort come through as they are", async () => {
  const sandbox = sandboxOf();
  const corrupt = async function* () {
    yield tarball.subarray(0, 20);
    throw new Error('corrupt');
  };
  await expect(sandbox.inspect(async () => corrupt())).rejects.toThrow('corrupt');
  const abort = new AbortController();
  const stalled = async function* () {
    yield tarball.subarray(0, 20);
    abort.abort(new Error('stopping'));
    await new Promise(() => {});
  };
  await expect(sandbox.inspect(async () => stalled(), abort.signal)).rejects.toThrow('stopping');
  expect(await sandbox.inspect(open(tarball))).toMatchObject({ status: 'scanned' });
});

test('a child that cannot be started is nothing that the archive did', async () => {
  const sandbox = sandboxOf({ entry: path.join(folder, 'missing.mjs') });
  await expect(sandbox.inspect(open(tarball))).rejects.toMatchObject({ name: 'TransientError' });
});
