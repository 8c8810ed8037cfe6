import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildWorkspace } from '@sluice/testkit';
import { childCommand, probeNetworkIsolation, type NetworkIsolation } from './isolation.ts';
import { SandboxChild } from './sandbox-child.ts';
import { createSandbox, type SandboxOptions } from './sandbox.ts';

const closing: (() => Promise<unknown>)[] = [];
let folder = '';

beforeAll(async () => {
  await buildWorkspace('libs/sandbox');
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-sandbox-'));
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await rm(folder, { recursive: true });
});

/** The result of a child, or why there is none. */
type Result = { failed: string } | { answer: unknown };

function sandboxOf(options: Partial<SandboxOptions<Result>> = {}) {
  const sandbox = createSandbox<Result>({
    size: 1,
    entry: entryOf('count'),
    parse: (answer) => ({ answer: JSON.parse(answer.toString('utf8')) as unknown }),
    failed: (failed) => ({ failed }),
    ...options,
  });
  closing.push(() => sandbox.close());
  return sandbox;
}

const entryOf = (name: string) => fileURLToPath(new URL(`../test/children/${name}.mjs`, import.meta.url));
const open = (bytes: Buffer) => async () => chunksOf(bytes, 10_000);
const input = Buffer.alloc(3_000, 'input');

/** One chunk, or many small ones when `step` is given. */
async function* chunksOf(bytes: Buffer, step = bytes.length || 1): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

test('jobs are done one after the other by the same child', async () => {
  const sandbox = sandboxOf();
  for (let job = 1; job <= 3; job += 1)
    expect(await sandbox.run(open(input))).toEqual({ answer: { job, bytes: 3_000 } });
  expect(sandbox.network).toBe(await probeNetworkIsolation());
});

test('an answer before the end of the input leaves the child in order', async () => {
  const sandbox = sandboxOf();
  expect(await sandbox.run(open(Buffer.alloc(2_000_000, 'junk')))).toEqual({
    answer: { job: 1, bytes: 'too many' },
  });
  expect(await sandbox.run(open(input))).toEqual({ answer: { job: 2, bytes: 3_000 } });
});

test('a hang ends the child twice and is the job’s', async () => {
  const sandbox = sandboxOf({ entry: entryOf('hang'), cpuMs: 300, cpuMsPerMegabyte: 0 });
  expect(await sandbox.run(open(input))).toMatchObject({
    failed: expect.stringContaining('used more than 300 ms of processor time') as string,
  });
});

test('a child that waits uses up no time, however busy the machine', async () => {
  // More than the job may use of the processor, and a tenth of what it may last.
  const sandbox = sandboxOf({ entry: entryOf('wait'), cpuMs: 1_000 });
  expect(await sandbox.run(open(Buffer.from('1200')))).toEqual({ answer: { waitedMs: 1_200 } });
});

test('a larger job may use more time than a small one', async () => {
  const limits = { cpuMs: 300, cpuMsPerMegabyte: 60_000 };
  const sandbox = sandboxOf({ entry: entryOf('work'), ...limits });
  expect(await sandbox.run(open(Buffer.from('1500')))).toMatchObject({
    failed: expect.stringMatching(/used more than 30\d ms of processor time/) as string,
  });
  expect(await sandbox.run(open(Buffer.concat([Buffer.from('1500 '), Buffer.alloc(100_000, ' ')])))).toEqual({
    answer: { usedMs: 1_500 },
  });
});

test('a hang in the middle of a large input is the job’s fault, not the pipe’s', async () => {
  const sandbox = sandboxOf({ entry: entryOf('hang'), cpuMs: 300, cpuMsPerMegabyte: 0 });
  const report = await sandbox.run(open(randomBytes(5_000_000)));
  expect(report).toMatchObject({ failed: expect.any(String) as string });
});

test.each(['heap', 'buffers'])('memory without end, in the %s, ends the child only', async (kind) => {
  const sandbox = sandboxOf({ entry: entryOf('grow'), heapMaxMegabytes: 64, rssMaxBytes: 300_000_000 });
  const report = await sandbox.run(open(Buffer.from(kind)));
  expect(report).toMatchObject({ failed: expect.any(String) as string });
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
    const limits = { cpuMs: 20_000, cpuMsPerMegabyte: 0, rssMaxBytes: 500_000_000 };
    const child = await SandboxChild.start(command, limits);
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
    yield input.subarray(0, 20);
    throw new Error('corrupt');
  };
  await expect(sandbox.run(async () => corrupt())).rejects.toThrow('corrupt');
  const abort = new AbortController();
  const stalled = async function* () {
    yield input.subarray(0, 20);
    abort.abort(new Error('stopping'));
    await new Promise(() => {});
  };
  await expect(sandbox.run(async () => stalled(), { signal: abort.signal })).rejects.toThrow('stopping');
  expect(await sandbox.run(open(input))).toMatchObject({ answer: { bytes: 3_000 } });
});

test('a child that cannot be started is not the job’s fault', async () => {
  const sandbox = sandboxOf({ entry: path.join(folder, 'missing.mjs') });
  await expect(sandbox.run(open(input))).rejects.toMatchObject({ name: 'TransientError' });
});
