import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  link,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fileArtifactStore } from './file-artifact-store.ts';
import { FileCalls } from './file-calls.ts';
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
  return entries
    .filter((entry) => entry.isFile() && entry.name !== 'store-id')
    .map((entry) => path.join(entry.parentPath, entry.name));
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

  const outage = { name: 'TransientError', code: 'artifact.unavailable', host: 'artifact store' };

  it('says that the store is away when its folder cannot be made, and works once it can', async () => {
    const folder = await newFolder();
    const blocked = path.join(folder, 'blocked');
    await writeFile(blocked, 'a file where the folder should be');
    const store = fileArtifactStore(blocked);
    await expect(store.check()).rejects.toMatchObject(outage);
    await expect(store.put(Buffer.from('x'))).rejects.toMatchObject(outage);
    await rm(blocked);
    await store.check();
  });

  it('makes the folder of temporary files again', async () => {
    const folder = await newFolder();
    const store = fileArtifactStore(folder);
    await store.put(Buffer.from('x'));
    await rm(path.join(folder, 'tmp'), { recursive: true });
    await store.put(Buffer.from('y'));
    await rm(path.join(folder, 'tmp'), { recursive: true });
    await store.check();
  });

  it('takes a folder that is gone, or another one in its place, for an outage, and makes no second store', async () => {
    const folder = path.join(await newFolder(), 'store');
    const store = fileArtifactStore(folder);
    const { digest } = await store.put(Buffer.from('x'));
    await rename(folder, `${folder}-away`);
    await expect(store.put(Buffer.from('y'))).rejects.toMatchObject(outage);
    await expect(store.read(digest)).rejects.toMatchObject(outage);
    // A share that is not mounted: the folder below it is empty.
    await mkdir(folder);
    await expect(store.put(Buffer.from('y'))).rejects.toMatchObject(outage);
    await expect(store.read(digest)).rejects.toMatchObject(outage);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
    await rename(`${folder}-away`, folder);
    expect(await store.read(digest)).toEqual(Buffer.from('x'));
    await store.put(Buffer.from('y'));
  });

  it('takes one file that cannot be read, while the store works, for damaged, and puts it anew', async () => {
    const folder = await newFolder();
    const store = fileArtifactStore(folder);
    const bytes = randomBytes(10);
    const address = addressOf(folder, digestOf(bytes));
    // Reading a folder fails as reading from a broken disk does: with an error of the system.
    await mkdir(path.join(address, 'inside'), { recursive: true });
    await expect(store.read(digestOf(bytes))).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'artifact.corrupt',
    });
    const { digest } = await store.put(bytes);
    expect(await store.read(digest)).toEqual(bytes);
  });

  it('gives up a file that hangs, keeps one thread busy with it at most, and puts it anew', async () => {
    const folder = await newFolder();
    const store = fileArtifactStore(folder, { calls: new FileCalls({ max: 2, callMs: 100 }) });
    const bytes = randomBytes(10);
    const address = addressOf(folder, digestOf(bytes));
    await mkdir(path.dirname(address), { recursive: true });
    // Opening a named pipe waits in the kernel until somebody writes to it, as a mount does whose server is gone.
    execFileSync('mkfifo', [address]);
    const pipe = path.join(folder, 'pipe');
    await link(address, pipe);
    try {
      for (let tries = 0; tries < 4; tries += 1)
        await expect(store.read(digestOf(bytes))).rejects.toMatchObject({ code: 'artifact.corrupt' });
      await store.put(bytes);
    } finally {
      await (await open(pipe, 'r+')).close();
    }
  });
});
