import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildProgram } from '@sluice/testkit';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { armFailpoints, failpoint } from './failpoint.ts';

const program = await buildProgram(new URL('../test/failing-loop.ts', import.meta.url));
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-failpoint-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the loop to its death. @returns the last line that it said, and what ended it. */
async function run(env: Record<string, string>, onFirstLine: () => Promise<void> = async () => {}) {
  const child = spawn(process.execPath, [program], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data').then(onFirstLine), closed]);
  const [, signal] = (await closed) as [number | null, string | null];
  return { last: output.trim().split('\n').at(-1), signal };
}

it('dies at the hit that is named, by SIGKILL and before anything else happens', async () => {
  expect(await run({ SLUICE_FAILPOINT: 'second@3' })).toEqual({ last: 'first 3', signal: 'SIGKILL' });
  expect(await run({ SLUICE_FAILPOINT_LOOP: 'first' })).toEqual({ last: '', signal: 'SIGKILL' });
});

it('dies sooner or later where a probability is named', async () => {
  expect(await run({ SLUICE_FAILPOINT: 'first:0.5' })).toMatchObject({ signal: 'SIGKILL' });
});

it('is armed by a file while it runs, once: the file is gone with the process', async () => {
  const file = path.join(folder, 'loop');
  const { last, signal } = await run({ SLUICE_FAILPOINT_FOLDER: folder }, async () => {
    await writeFile(`${file}.new`, 'second@2');
    await rename(`${file}.new`, file);
  });
  expect(signal).toBe('SIGKILL');
  expect(last).toMatch(/^first \d+$/);
  expect(existsSync(file)).toBe(false);
});

it('does nothing unless it is armed, and is not armed by a text that it cannot read', () => {
  armFailpoints('loop', { SLUICE_FAILPOINT_OTHER: 'first' });
  expect(failpoint('first')).toBeUndefined();
  expect(() => armFailpoints('loop', { SLUICE_FAILPOINT: 'first@many' })).toThrow('first@many');
});
