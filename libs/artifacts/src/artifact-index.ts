import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileCalls } from './file-calls.ts';

/** Where bytes are whose sha512 is known: registries state sha512, the store's addresses are sha256. */
export interface ArtifactIndex {
  /** The artifact's digest, or null. A hint alone: the caller checks the bytes. */
  find(sha512: string): Promise<string | null>;
  /** Best effort: without the entry the bytes are fetched again. */
  remember(sha512: string, digest: string): Promise<void>;
}

/**
 * Index of an artifact folder, one small file an entry, `sha512/ab/<hex>`. Entries are not synced: one that is lost
 * costs a download.
 * @param folder the folder of the artifact store.
 */
export function fileArtifactIndex(folder: string): ArtifactIndex {
  const entryOf = (sha512: string) => {
    if (!/^[0-9a-f]{128}$/.test(sha512)) throw new RangeError('Not a sha512 in hex.');
    return path.join(folder, 'sha512', sha512.slice(0, 2), sha512);
  };
  return {
    async find(sha512) {
      // An index that cannot be read is as good as an empty one.
      const file = entryOf(sha512);
      const entry = await fileCalls.run(file, () => readFile(file, 'utf8')).catch(() => '');
      return /^sha256:[0-9a-f]{64}$/.test(entry.trim()) ? entry.trim() : null;
    },
    async remember(sha512, digest) {
      const entry = entryOf(sha512);
      const temporaryPath = `${entry}.${randomUUID()}`;
      const write = async () => {
        await mkdir(path.dirname(entry), { recursive: true });
        try {
          await writeFile(temporaryPath, `${digest}\n`);
          await rename(temporaryPath, entry);
        } finally {
          await rm(temporaryPath, { force: true });
        }
      };
      await fileCalls.run(entry, write).catch(() => {});
    },
  };
}
