import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createStateFolder, stateFolder } from './state-folder.ts';

const base = await mkdtemp(join(tmpdir(), 'sluice-state-'));
afterAll(() => rm(base, { recursive: true, force: true }));
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

it('a state folder is for its owner only', async () => {
  const state = stateFolder(join(base, 'deep', 'new'));
  await createStateFolder(state);
  for (const folder of [state.path, state.logs, state.artifacts, state.spans])
    expect([folder, await modeOf(folder)]).toEqual([folder, '700']);
});

it('a state folder that another user has to pass through can be passed, and not listed', async () => {
  const state = stateFolder(join(base, 'entered'));
  await createStateFolder(state, { isEntered: true });
  expect(await modeOf(state.path)).toBe('711');
  expect(await modeOf(state.logs)).toBe('700');
});

it('a folder that was there keeps its mode, but for the one that has the name of ours', async () => {
  for (const [name, mode] of [
    ['shared', '755'],
    ['.sluice', '700'],
  ] as const) {
    const state = stateFolder(join(base, name));
    await mkdir(state.logs, { recursive: true });
    await Promise.all([state.path, state.logs].map((folder) => chmod(folder, 0o755)));
    await createStateFolder(state);
    expect([name, await modeOf(state.path)]).toEqual([name, mode]);
    expect(await modeOf(state.logs)).toBe('700');
  }
});

it.each(['/proc/sluice', join(base, 'file', 'state'), join(base, 'file')])(
  'says at once that %s can be no state folder',
  async (path) => {
    await writeFile(join(base, 'file'), '');
    await expect(createStateFolder(stateFolder(path))).rejects.toMatchObject({
      name: 'SetupError',
      message: expect.stringContaining('cannot be made'),
      remedy: expect.stringContaining('--state'),
    });
  },
);
