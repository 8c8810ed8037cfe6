import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { PermanentError, TransientError } from '@sluice/contracts';
import { fileCalls, type FileCalls } from './file-calls.ts';
import { BufferPool } from './buffer-pool.ts';
import type { KeptArtifact, SharedStore, StoredArtifact } from './store.ts';
import { outage, StoreErrors } from './store-errors.ts';
import { StoreFolder } from './store-folder.ts';
import { corruption, verifyDigest } from './verify-digest.ts';

/**
 * A temporary file unchanged for this long was left by a process that died: every put is bounded
 * by a deadline of minutes. Age decides, not the owner's pid, since processes in several containers may share a folder.
 */
const temporaryFileStaleMs = 60 * 60 * 1000;

const readBytesMaxDefault = 64 * 1024 * 1024;
/** Bytes of one read: each is a call to the file system, and 8,000 of them for a large archive would cost as much as its hash. */
const chunkBytes = 256 * 1024;
/** Most archives are smaller than 512 kB, and are read in one call; 16 MB are kept between requests at most. */
const servedBuffers = new BufferPool({ bytes: 512 * 1024, keptMax: 32 });
/** 512 MB, the largest archive, on a disk that writes 17 MB/s. */
const syncMs = 30_000;

export interface FileArtifactStore extends SharedStore {
  readonly folder: string;
}

/**
 * Artifact store in a folder, which several processes may share: `sha256/ab/cd/<hex>`, and temporary files beside
 * it, on the same file system, so that the move to the address is atomic.
 *
 * Bytes are synced to the disk before they are moved: an accepted request refers to its list by digest, and must not
 * lose it to a power cut (measured: 0.3 ms a put of 3 kB, 0.4 ms of 200 kB, 16 at once). A file that is damaged all the same is replaced by the next put
 * of its bytes, since a put always moves, and never trusts a file at the address.
 *
 * Every call to the file system is bounded in time and number, so a mount that hangs is an outage like a folder that
 * is gone or a disk that is full.
 * @param options.temporaryFileStaleMs age in milliseconds from which a temporary file is removed at start.
 * @param options.mayMake whether a folder that is no store yet becomes one by being used; services find out first
 * whether there is one already (`agreeOnStore`).
 */
export function fileArtifactStore(
  folder: string,
  options: { temporaryFileStaleMs?: number; mayMake?: boolean; calls?: FileCalls } = {},
): FileArtifactStore {
  const calls = options.calls ?? fileCalls;
  const folders = new StoreFolder(folder, {
    staleMs: options.temporaryFileStaleMs ?? temporaryFileStaleMs,
    mayMake: options.mayMake ?? true,
  });
  const confirm = () => calls.run(folder, () => folders.confirm());
  const errors = new StoreErrors({ confirm, check });

  async function openTemporary(temporaryPath: string): Promise<FileHandle> {
    const make = () =>
      calls.run(temporaryPath, () => open(temporaryPath, 'wx', 0o600), { dispose: closeLater });
    if (!folders.isPrepared) await calls.run(folder, () => folders.prepare());
    try {
      return await make();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      folders.forget();
      await calls.run(folder, () => folders.prepare());
      return make();
    }
  }

  /** A call that hangs is not waited for a second time. */
  const closeLater = (file: FileHandle) => void file.close().catch(() => {});
  const close = (name: string, file: FileHandle) => calls.run(name, () => file.close()).catch(() => {});

  async function check(): Promise<void> {
    const temporaryPath = path.join(folders.temporary, randomUUID());
    const file = await openTemporary(temporaryPath);
    try {
      await confirm();
      await calls.run(temporaryPath, () => file.write('sluice'));
      await calls.run(temporaryPath, () => rm(temporaryPath));
    } finally {
      await close(temporaryPath, file);
    }
  }

  async function writeHashing(
    temporaryPath: string,
    file: FileHandle,
    source: Readable | Uint8Array,
  ): Promise<StoredArtifact> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of source instanceof Uint8Array ? [source] : source) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
      hash.update(bytes);
      sizeBytes += bytes.length;
      await errors.ofWriting(calls.run(temporaryPath, () => file.writeFile(bytes)));
    }
    return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
  }

  /** Most folders are there already: asking first would cost every put a call. */
  async function moveTo(from: string, address: string): Promise<void> {
    // By the new file's name: a file at the address may hang, and is replaced.
    const move = () => calls.run(from, () => rename(from, address));
    try {
      await move();
    } catch {
      await calls.run(from, async () => {
        await mkdir(path.dirname(address), { recursive: true });
        // A folder is the one thing that a file does not replace; only this store has files here.
        if ((await stat(address).catch(() => null))?.isDirectory()) await rm(address, { recursive: true });
      });
      await move();
    }
  }

  async function openAddress(digest: string): Promise<{ address: string; file: FileHandle }> {
    const address = addressOf(folder, digest);
    if (!address) throw new PermanentError('artifact.missing', `"${digest.slice(0, 80)}" is no digest.`);
    const file = await errors.ofReading(
      digest,
      calls.run(address, () => open(address, 'r'), { dispose: closeLater }),
    );
    return { address, file };
  }

  async function* chunksOf(digest: string, address: string, file: FileHandle): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const buffer = Buffer.allocUnsafe(chunkBytes);
        const { bytesRead } = await errors.ofReading(
          digest,
          calls.run(address, () => file.read(buffer, 0, chunkBytes)),
        );
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await close(address, file);
    }
  }

  /** Reads into memory that is used again: pages that are new each time would cost more than the reading. */
  async function* partOf(
    digest: string,
    address: string,
    file: FileHandle,
    { start, end }: { start: number; end: number },
  ): AsyncGenerator<Uint8Array> {
    const buffer = servedBuffers.take();
    try {
      for (let position = start; position <= end;) {
        const size = Math.min(buffer.length, end - position + 1);
        const { bytesRead } = await errors.ofReading(
          digest,
          calls.run(address, () => file.read(buffer, 0, size, position)),
        );
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      servedBuffers.give(buffer);
    }
  }

  const orOutage = <Result>(work: Promise<Result>) =>
    work.catch((error: unknown) => {
      throw outage(error);
    });

  /** Folder by folder: all names of a large store at once would be hundreds of megabytes. */
  async function* list(): AsyncGenerator<KeptArtifact> {
    const root = path.join(folder, 'sha256');
    const namesIn = (name: string) =>
      orOutage(calls.run(name, () => readdir(name).catch(noneIfMissing<string[]>([]))));
    await orOutage(confirm());
    for (const first of await namesIn(root))
      for (const second of await namesIn(path.join(root, first)))
        for (const hex of await namesIn(path.join(root, first, second))) {
          const address = addressOf(folder, `sha256:${hex}`);
          if (address === null) continue;
          const found = await orOutage(calls.run(address, () => stat(address).catch(noneIfMissing(null))));
          if (found?.isFile())
            yield { digest: `sha256:${hex}`, sizeBytes: found.size, storedAt: found.mtime };
        }
  }

  return {
    folder,
    place: `ARTIFACTS_DIR ${folder}`,
    howToAdopt: (id) => `echo ${id} > ${folder}/store-id`,
    list,
    readId: () => orOutage(calls.run(folder, () => folders.readId())),
    makeId: () => orOutage(calls.run(folder, () => folders.makeId())),
    expect: (id) => folders.expect(id),
    async put(source, { verify } = {}) {
      const temporaryPath = path.join(folders.temporary, randomUUID());
      const file = await errors.ofWriting(openTemporary(temporaryPath));
      try {
        const stored = await writeHashing(temporaryPath, file, source);
        verify?.(stored);
        await errors.ofWriting(calls.run(temporaryPath, () => file.datasync(), { limitMs: syncMs }));
        await errors.ofWriting(moveTo(temporaryPath, addressOf(folder, stored.digest)!));
        return stored;
      } catch (error) {
        await calls.run(temporaryPath, () => rm(temporaryPath, { force: true })).catch(() => {});
        throw error;
      } finally {
        await close(temporaryPath, file);
      }
    },
    async open(digest) {
      const { address, file } = await openAddress(digest);
      return verifyDigest(Readable.from(chunksOf(digest, address, file), { objectMode: false }), digest);
    },
    async openUnhashed(digest) {
      const { address, file } = await openAddress(digest);
      try {
        const { size, mtimeMs, ino } = await errors.ofReading(
          digest,
          calls.run(address, () => file.stat()),
        );
        return {
          sizeBytes: size,
          revision: `${ino}/${mtimeMs}/${size}`,
          chunks: (range) => partOf(digest, address, file, range),
          close: () => close(address, file),
        };
      } catch (error) {
        await close(address, file);
        throw error;
      }
    },
    async read(digest, maxBytes = readBytesMaxDefault) {
      const { address, file } = await openAddress(digest);
      try {
        const { size } = await errors.ofReading(
          digest,
          calls.run(address, () => file.stat()),
        );
        if (size > maxBytes) {
          throw new PermanentError(
            'artifact.too-large',
            `${digest} has ${size} bytes, more than ${maxBytes}.`,
          );
        }
        const bytes = await errors.ofReading(
          digest,
          calls.run(address, () => file.readFile()),
        );
        const corrupt = corruption(digest, createHash('sha256').update(bytes));
        if (corrupt) throw corrupt;
        return bytes;
      } finally {
        await close(address, file);
      }
    },
    async has(digest) {
      const address = addressOf(folder, digest);
      if (!address) return false;
      try {
        const found = await errors.ofReading(
          digest,
          calls.run(address, () => stat(address)),
        );
        return found.isFile();
      } catch (error) {
        if (error instanceof TransientError && error.code === 'artifact.missing') return false;
        throw error;
      }
    },
    check: () => orOutage(check()),
  };
}

/** For a file or folder that another process removed. */
const noneIfMissing =
  <None>(none: None) =>
  (error: unknown): None => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return none;
    throw error;
  };

/** @returns null for a text that is no digest: it comes from events and must never name another path. */
function addressOf(folder: string, digest: string): string | null {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  return hex ? path.join(folder, 'sha256', hex.slice(0, 2), hex.slice(2, 4), hex) : null;
}
