import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fileArtifactStore } from './file-artifact-store.ts';
import { describeArtifactStore, digestOf } from './store-conformance.test-suite.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-artifacts-'));
  folders.push(folder);
  return folder;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

const addressOf = (folder: string, digest: string) => {
  const hex = digest.slice('sha256:'.length);
  return path.join(folder, 'sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
};

describeArtifactStore('a folder', async () => {
  const folder = await newFolder();
  return {
    store: fileArtifactStore(folder),
    countObjects: async () => (await filesIn(folder)).length,
    async damage(digest, change) {
      const file = addressOf(folder, digest);
      const changed = change(await readFile(file));
      if (changed) await writeFile(file, changed);
      else await rm(file);
    },
  };
});

describe('fileArtifactStore', () => {
  it('removes temporary files that a dead process left, and no others', async () => {
    const folder = await newFolder();
    const stale = path.join(folder, 'tmp', 'stale');
    const fresh = path.join(folder, 'tmp', 'fresh');
    await mkdir(path.dirname(stale));
    await writeFile(stale, 'half');
    await writeFile(fresh, 'half');
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(stale, twoHoursAgo, twoHoursAgo);
    await fileArtifactStore(folder).put(Buffer.from('x'));
    expect((await filesIn(path.join(folder, 'tmp'))).map((file) => path.basename(file))).toEqual(['fresh']);
  });

  it('has whole bytes at the address at every moment while others put them', async () => {
    const folder = await newFolder();
    const bytes = Buffer.alloc(2_000_000, 'sluice');
    const digest = digestOf(bytes);
    await fileArtifactStore(folder).put(bytes);
    // A store keeps nothing in memory but whether its folder is prepared: each of these is as good as a process.
    let running = 4;
    const writers = Array.from({ length: running }, async () => {
      const store = fileArtifactStore(folder);
      for (let i = 0; i < 5; i += 1) await store.put(bytes);
      running -= 1;
    });
    const reader = fileArtifactStore(folder);
    do expect((await reader.read(digest)).equals(bytes)).toBe(true);
    while (running > 0);
    await Promise.all(writers);
    expect(await filesIn(folder)).toEqual([addressOf(folder, digest)]);
  });

  it('is transient when the disk fails: a folder that cannot be made', async () => {
    const folder = await newFolder();
    const blocked = path.join(folder, 'blocked');
    await writeFile(blocked, 'a file where the folder should be');
    const store = fileArtifactStore(blocked);
    await expect(store.check()).rejects.toMatchObject({
      name: 'TransientError',
      code: 'backend.unavailable',
    });
    await rm(blocked);
    await store.check();
  });
});
