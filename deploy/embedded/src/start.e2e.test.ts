import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@sluice/servers';
import { findRepositoryRoot, waitFor } from '@sluice/testkit';
import { afterAll, expect, it } from 'vitest';
import type { RunInfo } from './run-file.ts';

const root = findRepositoryRoot();
const port = String(await freePort());
const gatePort = String(await freePort());
const state = await mkdtemp(join(tmpdir(), 'sluice-start-'));
await chmod(state, 0o711);
afterAll(() => rm(state, { recursive: true, force: true }));

interface Started {
  process: ChildProcess;
  /** Everything it has said so far. */
  output(): string;
  exited: Promise<unknown[]>;
}

function start(...args: string[]): Started {
  const child = spawn(
    process.execPath,
    [
      join(root, 'deploy/embedded/start.mjs'),
      'up',
      '--state',
      state,
      '--port',
      port,
      '--gate-port',
      gatePort,
      ...args,
    ],
    {
      env: { ...process.env, NPM_REGISTRY_URL: 'https://registry.example/', ADVISORIES_URL: 'off' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  return { process: child, output: () => output, exited: once(child, 'exit') };
}

async function ready(started: Started): Promise<RunInfo> {
  await waitFor(() => started.output().includes('Ready in') || started.process.exitCode !== null, {
    what: 'the stack to be ready',
    timeoutMs: 90_000,
  });
  expect(started.output()).toContain('Ready in');
  return JSON.parse(await readFile(join(state, 'run.json'), 'utf8')) as RunInfo;
}

it.each([[[]], [['--split']]])(
  'comes up, survives kill -9 of the launcher, and stops with 0: %j',
  async (args) => {
    const first = start(...args);
    const info = await ready(first);
    expect((await fetch(`${info.apiUrl}/readyz`)).status).toBe(200);

    const second = start(...args);
    expect(await second.exited).toEqual([1, null]);
    expect(second.output()).toContain(info.apiUrl);

    first.process.kill('SIGKILL');
    await first.exited;
    const third = start(...args);
    const { apiUrl } = await ready(third);
    expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200);
    expect(third.output()).toContain('ended what it left');
    third.process.kill('SIGTERM');
    expect(await third.exited).toEqual([0, null]);
  },
  180_000,
);

it('names an unknown argument in one line', async () => {
  const wrong = start('--prot', '1');
  expect(await wrong.exited).toEqual([2, null]);
  expect(wrong.output()).toMatch(/^sluice: .*--prot.*\n.*--help/m);
});
