import type { Readable } from 'node:stream';

/** An artifact that is open for reading, without its digest being compared. To be closed by the reader. */
export interface UnhashedArtifact {
  sizeBytes: number;
  /** Changes whenever what is kept may have changed; the same for as long as nobody wrote there. */
  revision: string;
  /** The bytes from `start` to `end`, both included. A chunk holds until the next one is asked for: its memory is used again. */
  chunks(range: { start: number; end: number }): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface StoredArtifact {
  /** `sha256:<hex>` of the bytes. */
  digest: string;
  sizeBytes: number;
}

/**
 * Content-addressed store of bytes. Bytes are hashed while they are written and again while they are read: the bytes that
 * were stored are read, or an error is thrown, never other bytes.
 *
 * Every method may throw TransientError `artifact.unavailable`, with `artifactStoreHost` as host while the store is out
 * of order. Reading throws TransientError `artifact.missing`, since bytes written on another machine may be seen late,
 * and PermanentError `artifact.corrupt`.
 * There are two drivers, a folder and S3.
 */
export interface ArtifactStore {
  /**
   * Stores bytes under their digest. Storing the same bytes again is cheap and harmless.
   * Nothing is kept when the source fails or `verify` throws: the bytes are moved to their address last.
   * @param verify called with the digest and size before the bytes become visible.
   */
  put(
    source: Readable | Uint8Array,
    options?: { verify?: (stored: StoredArtifact) => void },
  ): Promise<StoredArtifact>;
  /** Streams the bytes; the stream ends with an error when they do not match the digest. */
  open(digest: string): Promise<Readable>;
  /**
   * Opens the bytes without comparing them with the digest: for those that `open` read to their end before, in this revision.
   * Hashing what is served again and again costs two thirds of the throughput.
   */
  openUnhashed(digest: string): Promise<UnhashedArtifact>;
  /** Reads the bytes whole, at most `maxBytes`. */
  read(digest: string, maxBytes?: number): Promise<Buffer>;
  has(digest: string): Promise<boolean>;
  /** Resolves when the store can be written, rejects with why not; for health checks. */
  check(): Promise<void>;
}

/** An artifact that a store lists. */
export interface KeptArtifact extends StoredArtifact {
  /** When its bytes were last put. */
  storedAt: Date;
}

/** A store that services share: it has an id, by which they find out that they have the same one; see `agreeOnStore`. */
export interface SharedStore extends ArtifactStore {
  /** The setting that names it, with its value. */
  readonly place: string;
  /** How a person makes another place this store, when the bytes of the former are lost for good. */
  howToAdopt(id: string): string;
  /**
   * The id of the store that is there; null when there is none.
   * @throws TransientError `artifact.unavailable`.
   */
  readId(): Promise<string | null>;
  /** Makes the place a store. @returns its id: another process may have made it one this very moment. */
  makeId(): Promise<string>;
  /** From now on the place is this store, or out of order. */
  expect(id: string): void;
  /** Every artifact that is kept, in no order. @throws TransientError `artifact.unavailable`. */
  list(): AsyncIterable<KeptArtifact>;
}
