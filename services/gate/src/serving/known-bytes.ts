import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStore, UnhashedArtifact } from '@sluice/artifacts';

/** Digests that are remembered as verified; further ones are hashed again. */
const rememberedMax = 500_000;

/**
 * Archives out of the artifact store. Each is hashed whole before its first byte is served, once for each revision that the
 * store has of it, and not again while nobody wrote there.
 */
export class KnownBytes {
  readonly #store: ArtifactStore;
  readonly #verified = new Map<string, string>();
  readonly #verifying = new Map<string, Promise<void>>();

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  /**
   * Opens the bytes; to be closed by the caller.
   * @throws errors of `ArtifactStore.open`: bytes that are not those of the digest are never served.
   */
  async open(digest: string): Promise<UnhashedArtifact> {
    for (;;) {
      const opened = await this.#store.openUnhashed(digest);
      if (this.#verified.get(digest) === opened.revision) return opened;
      await opened.close();
      await this.#verify(digest, opened.revision);
    }
  }

  #verify(digest: string, revision: string): Promise<void> {
    const running = this.#verifying.get(digest);
    if (running) return running;
    const verifying = this.#hash(digest, revision).finally(() => this.#verifying.delete(digest));
    this.#verifying.set(digest, verifying);
    return verifying;
  }

  async #hash(digest: string, revision: string): Promise<void> {
    const discard = new Writable({ write: (_chunk, _encoding, done) => done() });
    await pipeline(await this.#store.open(digest), discard);
    if (this.#verified.size >= rememberedMax) this.#verified.clear();
    // A revision that came meanwhile is another one, and is hashed in its turn.
    this.#verified.set(digest, revision);
  }
}
