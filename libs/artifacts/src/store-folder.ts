import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Names the store. Services that have the same folder find the same id in it. */
const idFile = 'store-id';
const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The folder is not the store that it was, or none: a share that is not mounted, or a folder that was emptied. Writing
 * there would begin a second store without the first one's bytes.
 */
export class NotTheStore extends Error {
  override readonly name = 'NotTheStore';
}

/**
 * The folders of a store: `tmp`, which is made again when it vanishes, beside the id file. The id is made with the
 * store and never again: a folder without it is another folder.
 */
export class StoreFolder {
  readonly temporary: string;
  readonly #folder: string;
  readonly #staleMs: number;
  readonly #mayMake: boolean;
  #id: string | undefined;
  #prepared: Promise<void> | undefined;
  #isPrepared = false;

  /**
   * @param options.staleMs age in milliseconds from which a temporary file is removed.
   * @param options.mayMake whether a folder without an id becomes a store by being used.
   */
  constructor(folder: string, options: { staleMs: number; mayMake: boolean }) {
    this.#folder = folder;
    this.#staleMs = options.staleMs;
    this.#mayMake = options.mayMake;
    this.temporary = path.join(folder, 'tmp');
  }

  /**
   * Makes missing folders, once; again after `forget`.
   * @throws NotTheStore; errors of the file system.
   */
  prepare(): Promise<void> {
    this.#prepared ??= this.#prepare();
    // A full or read-only disk may be mended: the next call tries again.
    this.#prepared.catch(() => this.forget());
    return this.#prepared;
  }

  /** From now on the folder is this store, or out of order. */
  expect(id: string): void {
    this.#id = id;
    this.forget();
  }

  /** A folder has vanished: the next call of `prepare` looks again. */
  forget(): void {
    this.#prepared = undefined;
    this.#isPrepared = false;
  }

  /** @throws NotTheStore when the folder is no longer the store that was prepared. */
  async confirm(): Promise<void> {
    if (this.#id === undefined) return this.prepare();
    const found = await this.readId();
    if (found !== this.#id) {
      throw new NotTheStore(
        `ARTIFACTS_DIR is not the store ${this.#id}: its file ${idFile} ${found === null ? 'is gone' : `says ${found}`}`,
      );
    }
  }

  async #prepare(): Promise<void> {
    if (this.#id === undefined) {
      const found = await this.readId();
      if (found === null && !this.#mayMake)
        throw new NotTheStore(`ARTIFACTS_DIR is no artifact store: it has no file ${idFile}`);
      this.#id = found ?? (await this.makeId());
    } else {
      await this.confirm();
    }
    await mkdir(this.temporary, { recursive: true });
    await this.#removeStale();
    this.#isPrepared = true;
  }

  /** True when `prepare` has nothing to do. */
  get isPrepared(): boolean {
    return this.#isPrepared;
  }

  /** @returns null for a folder that is no store, or none at all. */
  async readId(): Promise<string | null> {
    const text = await readFile(path.join(this.#folder, idFile), 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
    if (text === null || idPattern.test(text.trim())) return text && text.trim();
    throw new NotTheStore(`the file ${idFile} in ARTIFACTS_DIR holds no id`);
  }

  /** Several services may make it at once: the first one's stays, whole from the beginning. */
  async makeId(): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    const own = randomUUID();
    const temporaryPath = path.join(this.#folder, `${idFile}.${own}`);
    try {
      await writeFile(temporaryPath, `${own}\n`);
      await link(temporaryPath, path.join(this.#folder, idFile));
      return own;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return (await this.readId())!;
    } finally {
      await rm(temporaryPath, { force: true });
    }
  }

  async #removeStale(): Promise<void> {
    for (const name of await readdir(this.temporary)) {
      const left = path.join(this.temporary, name);
      // Another process may finish or remove it meanwhile.
      const found = await stat(left).catch(() => null);
      if (found && Date.now() - found.mtimeMs >= this.#staleMs) await rm(left, { force: true });
    }
  }
}
