import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { isCoded, PermanentError, TransientError } from '@sluice/contracts';
import type { ArtifactStore, StoredArtifact } from './store.ts';
import { corruption, verifyDigest } from './verify-digest.ts';

/**
 * A temporary file that nobody has written to for this long was left by a process that died: every put is bounded
 * by a deadline of minutes. Age decides, not the owner's pid, since processes in several containers may share a folder.
 */
const temporaryFileStaleMs = 60 * 60 * 1000;

const readBytesMaxDefault = 64 * 1024 * 1024;

/**
 * Artifact store in a folder, which several processes may share: `sha256/ab/cd/<hex>`, and temporary files beside
 * it, on the same file system, so that the move to the address is atomic.
 *
 * Bytes are synced to the disk before they are moved: an accepted request refers to its list by digest, and must not
 * lose it to a power cut (measured: 0.3 ms a put of 3 kB, 0.4 ms of 200 kB, 16 at once). A file that is damaged all the same is replaced by the next put
 * of its bytes, since a put always moves, and never trusts what lies at the address.
 * @param options.temporaryFileStaleMs age in milliseconds from which a temporary file is removed at start.
 */
export function fileArtifactStore(
  folder: string,
  options: { temporaryFileStaleMs?: number } = {},
): ArtifactStore {
  const temporaryFolder = path.join(folder, 'tmp');
  let prepared: Promise<void> | undefined;
  const prepare = () => {
    prepared ??= prepareFolder(temporaryFolder, options.temporaryFileStaleMs ?? temporaryFileStaleMs);
    // A full or read-only disk may be mended: the next call tries again.
    prepared.catch(() => (prepared = undefined));
    return prepared;
  };

  const put: ArtifactStore['put'] = (source, { verify } = {}) =>
    withTemporaryFile(temporaryFolder, prepare, async (file, temporaryPath) => {
      const stored = await writeHashing(file, source);
      verify?.(stored);
      await disk(() => file.datasync());
      await moveTo(temporaryPath, addressOf(folder, stored.digest)!);
      return stored;
    });

  return {
    put,
    async open(digest) {
      const file = await openAddress(folder, digest);
      return verifyDigest(file.createReadStream(), digest);
    },
    async read(digest, maxBytes = readBytesMaxDefault) {
      const file = await openAddress(folder, digest);
      try {
        const { size } = await disk(() => file.stat());
        if (size > maxBytes) {
          throw new PermanentError(
            'artifact.too-large',
            `${digest} has ${size} bytes, more than ${maxBytes}.`,
          );
        }
        const bytes = await disk(() => file.readFile());
        const corrupt = corruption(digest, createHash('sha256').update(bytes));
        if (corrupt) throw corrupt;
        return bytes;
      } finally {
        await file.close();
      }
    },
    async has(digest) {
      const address = addressOf(folder, digest);
      if (!address) return false;
      return await stat(address).then(
        (found) => found.isFile(),
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
          throw diskError(error);
        },
      );
    },
    check: () =>
      withTemporaryFile(temporaryFolder, prepare, async (file, temporaryPath) => {
        await disk(() => file.write('sluice'));
        await disk(() => rm(temporaryPath));
      }),
  };
}

/** Most folders are there already: asking first would cost every put a call to the disk. */
async function moveTo(from: string, address: string): Promise<void> {
  try {
    await rename(from, address);
  } catch {
    await disk(() => mkdir(path.dirname(address), { recursive: true }));
    await disk(() => rename(from, address));
  }
}

/** Runs with a new temporary file, which is gone afterwards: moved by `use`, or removed. */
async function withTemporaryFile<Result>(
  temporaryFolder: string,
  prepare: () => Promise<void>,
  use: (file: FileHandle, temporaryPath: string) => Promise<Result>,
): Promise<Result> {
  await disk(prepare);
  const temporaryPath = path.join(temporaryFolder, randomUUID());
  const file = await disk(() => open(temporaryPath, 'wx', 0o600));
  try {
    return await use(file, temporaryPath);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function writeHashing(file: FileHandle, source: Readable | Uint8Array): Promise<StoredArtifact> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of source instanceof Uint8Array ? [source] : source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
    hash.update(bytes);
    sizeBytes += bytes.length;
    await disk(() => file.writeFile(bytes));
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

/** @returns null for what is no digest: it comes from events and must never name another path. */
function addressOf(folder: string, digest: string): string | null {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  return hex ? path.join(folder, 'sha256', hex.slice(0, 2), hex.slice(2, 4), hex) : null;
}

async function openAddress(folder: string, digest: string): Promise<FileHandle> {
  const address = addressOf(folder, digest);
  if (!address) throw new PermanentError('artifact.missing', `"${digest.slice(0, 80)}" is no digest.`);
  try {
    return await open(address, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw diskError(error);
    throw new PermanentError('artifact.missing', `${digest} is not in the store.`, { cause: error });
  }
}

async function prepareFolder(temporaryFolder: string, staleMs: number): Promise<void> {
  await mkdir(temporaryFolder, { recursive: true });
  for (const name of await readdir(temporaryFolder)) {
    const left = path.join(temporaryFolder, name);
    // Another process may finish or remove it meanwhile.
    const found = await stat(left).catch(() => null);
    if (found && Date.now() - found.mtimeMs >= staleMs) await rm(left, { force: true });
  }
}

/** Runs a file operation; a full or failing disk can be mended, so its errors are transient. */
async function disk<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw diskError(error);
  }
}

function diskError(error: unknown): Error {
  if (isCoded(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new TransientError('backend.unavailable', `The artifact store failed: ${code ?? 'unknown error'}.`, {
    cause: error,
  });
}
