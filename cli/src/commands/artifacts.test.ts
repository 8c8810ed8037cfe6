import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runCommand } from '../run-command.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sluice-scrub-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const store = fileArtifactStore(folder);
const { digest } = await store.put(Buffer.from('some bytes'));
await store.put(Buffer.from('others'));
let stdout = '';
beforeEach(() => {
  stdout = '';
  vi.stubEnv('ARTIFACTS_DIR', folder);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

it('says that all is whole', async () => {
  expect(await runCommand(['artifacts', 'scrub'])).toBe(0);
  expect(stdout).toBe('2 artifacts, 0.0 MB: all whole.\n');
});

it('names what is damaged, and ends with 1', async () => {
  const hex = digest.slice('sha256:'.length);
  await writeFile(path.join(folder, 'sha256', hex.slice(0, 2), hex.slice(2, 4), hex), 'some bytez');
  expect(await runCommand(['artifacts', 'scrub', '--json'])).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    artifacts: 2,
    sizeBytes: 16,
    damaged: [{ digest, code: 'artifact.corrupt' }],
  });
});
