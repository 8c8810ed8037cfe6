import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileArtifactIndex } from './artifact-index.ts';

const sha512 = 'ab'.repeat(64);
const digest = `sha256:${'c'.repeat(64)}`;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-index-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('finds the entry that was remembered last', async () => {
  const index = fileArtifactIndex(folder);
  expect(await index.find(sha512)).toBeNull();
  await index.remember(sha512, `sha256:${'d'.repeat(64)}`);
  await Promise.all(Array.from({ length: 8 }, () => index.remember(sha512, digest)));
  expect(await fileArtifactIndex(folder).find(sha512)).toBe(digest);
  expect(await readdir(path.join(folder, 'sha512', 'ab'))).toEqual([sha512]);
});

it('takes a damaged entry for none', async () => {
  const index = fileArtifactIndex(folder);
  await index.remember(sha512, digest);
  await writeFile(path.join(folder, 'sha512', 'ab', sha512), '../../etc/passwd');
  expect(await index.find(sha512)).toBeNull();
});

it('never makes a path of a text that is no sha512', async () => {
  await expect(fileArtifactIndex(folder).remember('../../x', digest)).rejects.toThrow(RangeError);
});
