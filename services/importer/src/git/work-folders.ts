import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

/** A folder in use is touched several times a second; one that was left alone for this long belongs to a process that died. */
const abandonedMs = 120_000;
const prefix = 'clone-';

/** Makes a folder for one clone. */
export async function makeWorkFolder(root: string): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  return mkdtemp(path.join(root, prefix));
}

/** Says that a folder is in use. */
export async function touchFolder(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => {});
}

/**
 * Removes folders of clones that a process left behind when it died. Several importers may share the root.
 * @returns how many were removed.
 */
export async function removeAbandoned(root: string, nowMs = Date.now()): Promise<number> {
  const names = await readdir(root).catch(() => []);
  let removed = 0;
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    const folder = path.join(root, name);
    const found = await stat(folder).catch(() => null);
    if (found === null || nowMs - found.mtimeMs < abandonedMs) continue;
    await rm(folder, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

/** Bytes of the files below a folder. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(path.join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
