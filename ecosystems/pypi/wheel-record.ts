import { createHash } from 'node:crypto';
import type { ArchiveFile, ArchiveNote, FileSink } from '@sluice/inspection/inspect';
import { readRecord, recordMaxBytes, type RecordEntry } from './record.ts';

/** More of one kind say nothing new. */
const notesPerKindMax = 20;

/** Compares the files of a wheel with its RECORD, which stands behind them. No installer does that by itself. */
export class WheelRecord {
  readonly #recordPath: string;
  readonly #found = new Map<string, { digest: string; sizeBytes: number }>();
  readonly #chunks: Buffer[] = [];
  #sizeBytes = 0;

  /** @param folder the folder of the metadata, `a-1.0.dist-info`. */
  constructor(folder: string) {
    this.#recordPath = `${folder}/RECORD`;
  }

  /** Passes the bytes of a file on. @param path in the archive. */
  watch(path: string, { sizeBytes }: ArchiveFile, sink: FileSink | null): FileSink {
    const hash = createHash('sha256');
    const isRecord = path === this.#recordPath;
    return {
      write: (chunk) => {
        if (isRecord && (this.#sizeBytes += chunk.length) <= recordMaxBytes) this.#chunks.push(chunk);
        hash.update(chunk);
        sink?.write(chunk);
      },
      end: () => {
        this.#found.set(path, { digest: hash.digest('base64url'), sizeBytes });
        sink?.end();
      },
    };
  }

  notes(): ArchiveNote[] {
    if (!this.#found.has(this.#recordPath)) {
      return [{ kind: 'missing-file', path: this.#recordPath, detail: 'A wheel without RECORD.' }];
    }
    if (this.#sizeBytes > recordMaxBytes) {
      return [{ kind: 'unlisted-file', path: this.#recordPath, detail: 'RECORD is too large to be read.' }];
    }
    const entries = new Map(
      readRecord(Buffer.concat(this.#chunks).toString('utf8')).map((entry) => [entry.path, entry]),
    );
    const notes = new Map<ArchiveNote['kind'], ArchiveNote[]>();
    const add = (note: ArchiveNote) => {
      const known = notes.get(note.kind) ?? [];
      if (known.length < notesPerKindMax) notes.set(note.kind, [...known, note]);
    };
    for (const [path, found] of this.#found) {
      const note = this.#isOutside(path) ? null : compare(path, found, entries.get(path));
      if (note) add(note);
    }
    for (const path of entries.keys()) {
      if (!this.#found.has(path) && path !== '')
        add({ kind: 'missing-file', path, detail: 'It is in RECORD alone.' });
    }
    return [...notes.values()].flat();
  }

  /** RECORD cannot state itself, nor signatures over it. */
  #isOutside(path: string): boolean {
    return [this.#recordPath, `${this.#recordPath}.jws`, `${this.#recordPath}.p7s`].includes(path);
  }
}

function compare(
  path: string,
  found: { digest: string; sizeBytes: number },
  entry: RecordEntry | undefined,
): ArchiveNote | null {
  if (!entry) return { kind: 'unlisted-file', path, detail: 'It is not in RECORD.' };
  if (entry.digest === null) return { kind: 'unlisted-file', path, detail: 'RECORD states no digest of it.' };
  if (entry.sizeBytes !== null && entry.sizeBytes !== found.sizeBytes)
    return {
      kind: 'digest-mismatch',
      path,
      detail: `RECORD states ${entry.sizeBytes} bytes of ${found.sizeBytes}.`,
    };
  if (entry.algorithm !== 'sha256')
    return {
      kind: 'unlisted-file',
      path,
      detail: `RECORD states a digest of ${entry.algorithm}, which is not compared.`,
    };
  return entry.digest === found.digest
    ? null
    : { kind: 'digest-mismatch', path, detail: 'RECORD states another SHA-256.' };
}
