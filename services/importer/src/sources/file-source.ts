/** A file as large as the API takes one by itself; a larger one is named, and not read. */
export const fileMaxBytes = 25 * 1024 * 1024;

/** A file of a source, before its bytes are read. */
export interface SourceFile {
  /** With slashes, from the root of the source; each once. */
  path: string;
  /** Null for one whose bytes are elsewhere: it cannot be read here. */
  sizeBytes: number | null;
  /** Of an entry that is no plain file: it is named, and not read. */
  standsFor?: 'link' | 'submodule';
}

/** Several files, wherever they come from. */
export interface FileSource {
  files: readonly SourceFile[];
  /**
   * Reads some of the files, one after the other, so that one of them at a time is in memory.
   * @param visit is waited for before the next file is read.
   */
  read(
    isWanted: (file: SourceFile) => boolean,
    visit: (file: SourceFile, content: Buffer) => void | Promise<void>,
  ): Promise<void>;
}
