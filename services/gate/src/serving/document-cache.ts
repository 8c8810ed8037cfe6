import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';

const compress = promisify(gzip);

/** A document as it is sent. */
export interface ServedDocument {
  contentType: string;
  /** Of the document itself, the same for both encodings. */
  etag: string;
  gzip: Buffer;
  sizeBytes: number;
  /** From when on it is not true any more, in milliseconds since 1970: an approval in it ends then. */
  untilMs: number;
}

export interface BuiltDocument {
  contentType: string;
  body: string;
  untilMs: number;
}

/** Compressed documents that are kept: some ten thousand of usual size. */
const keptBytes = 64 * 1024 * 1024;

/** A document that is being made. */
interface Build {
  made: Promise<ServedDocument | null>;
  /** What it is made of has changed since. */
  isStale: boolean;
}

/**
 * Documents by package and form, made once for each change. One that changed while it was made is not kept, and the next
 * request makes it anew.
 */
export class DocumentCache {
  readonly #kept = new LRUCache<string, ReadonlyMap<string, ServedDocument>>({
    maxSize: keptBytes,
    sizeCalculation: (forms) => 200 + [...forms.values()].reduce((sum, one) => sum + one.gzip.length, 0),
  });
  readonly #builds = new Map<string, Map<string, Build>>();

  /**
   * A document; null where nothing approved answers it.
   * @param of the package in its scope.
   * @param build makes it of what is approved now; its errors are the caller's.
   */
  async get(
    of: string,
    form: string,
    nowMs: number,
    build: () => Promise<BuiltDocument | null>,
  ): Promise<ServedDocument | null> {
    const kept = this.#kept.get(of)?.get(form);
    if (kept && kept.untilMs > nowMs) return kept;
    const builds = this.#builds.get(of) ?? new Map<string, Build>();
    const running = builds.get(form);
    if (running) return running.made;
    const begun: Build = { made: build().then(compressed), isStale: false };
    this.#builds.set(of, builds.set(form, begun));
    try {
      const made = await begun.made;
      if (made && made.untilMs > nowMs && !begun.isStale)
        this.#kept.set(of, new Map([...(this.#kept.get(of) ?? []), [form, made]]));
      return made;
    } finally {
      if (builds.get(form) === begun) builds.delete(form);
      if (builds.size === 0 && this.#builds.get(of) === builds) this.#builds.delete(of);
    }
  }

  /** Forgets the documents of a package. A request that comes from now on does not get what was begun before. */
  drop(of: string): void {
    this.#kept.delete(of);
    for (const build of this.#builds.get(of)?.values() ?? []) build.isStale = true;
    this.#builds.delete(of);
  }

  clear(): void {
    this.#kept.clear();
    for (const of of this.#builds.keys()) this.drop(of);
  }
}

async function compressed(built: BuiltDocument | null): Promise<ServedDocument | null> {
  if (built === null) return null;
  const bytes = Buffer.from(built.body);
  return {
    contentType: built.contentType,
    etag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
    gzip: await compress(bytes, { level: 9 }),
    sizeBytes: bytes.length,
    untilMs: built.untilMs,
  };
}
