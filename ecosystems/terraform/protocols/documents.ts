import { errorCodeOf, PermanentError } from '@sluice/contracts';
import { DocumentCache, hostOf, parseJsonAnswer, UnusableAnswer, type Upstream } from '@sluice/registries';
import type { z } from 'zod';

/** A document, and where it came from in the end: relative addresses in it are meant from there. */
export interface ReadDocument {
  url: string;
  bytes: Buffer;
}

export interface DocumentRequest {
  maxBytes: number;
  accept: string;
}

/** Room for the lists of versions of a usual lockfile, of which the largest have a megabyte. */
const cacheLimits = { maxBytes: 16 * 1024 * 1024, ttlMs: 60_000 };
/** Answers up to this size are asked for again to see whether their host is well. */
const witnessBytesMax = 256 * 1024;

/** Documents of registries, read once for all platforms and versions that need them. */
export class Documents {
  readonly #upstream: Upstream;
  readonly #cache = new DocumentCache<ReadDocument>(unpack, cacheLimits);

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /**
   * A document as it is.
   * @throws PermanentError `registry.version-not-found` for one that is not there; errors of `Registry.manifest`.
   */
  async bytes(url: string, request: DocumentRequest, signal: AbortSignal): Promise<ReadDocument> {
    return await this.#judged(url, signal, () =>
      this.#cache.get(url, (of) => this.#load(url, request, of), signal),
    );
  }

  /**
   * A document of JSON.
   * @param check gives the value that was read; throws UnusableAnswer for JSON of another shape.
   * @throws see `bytes`.
   */
  async json<Value>(
    url: string,
    { maxBytes }: Pick<DocumentRequest, 'maxBytes'>,
    check: (json: unknown) => Value,
    signal: AbortSignal,
  ): Promise<{ url: string; value: Value }> {
    const request = { maxBytes, accept: 'application/json' };
    return await this.#judged(url, signal, async () => {
      const read = await this.#cache.get(url, (of) => this.#load(url, request, of), signal);
      const value = check(parseJsonAnswer(read.bytes));
      if (read.bytes.length <= witnessBytesMax) {
        this.#upstream.answeredWell(hostOf(read.url), url, async (of) => {
          check(
            parseJsonAnswer(
              (await this.#upstream.read(url, { ...request, maxBytes: witnessBytesMax }, of)).bytes,
            ),
          );
        });
      }
      return { url: read.url, value };
    });
  }

  async #load(url: string, request: DocumentRequest, signal: AbortSignal): Promise<Buffer> {
    const document = await this.#upstream.read(url, request, signal);
    return pack(document);
  }

  async #judged<Result>(url: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw await this.#upstream.judge(error, hostOf(url), url, signal);
    }
  }
}

/** The cache keeps bytes alone: the address stands on a line in front of them. */
function pack({ url, bytes }: ReadDocument): Buffer {
  return Buffer.concat([Buffer.from(`${url}\n`), bytes]);
}

function unpack(packed: Buffer): ReadDocument {
  const end = packed.indexOf('\n');
  return { url: packed.toString('utf8', 0, end), bytes: packed.subarray(end + 1) };
}

/** @throws UnusableAnswer for JSON of another shape. */
export function shaped<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UnusableAnswer(
    new PermanentError('registry.invalid-metadata', 'The registry sent JSON that is none of its protocol.'),
  );
}

/** A document that a registry need not have. */
export async function optional<Result>(reading: Promise<Result>): Promise<Result | null> {
  return await reading.catch((error: unknown) => {
    if (errorCodeOf(error) === 'registry.version-not-found') return null;
    throw error;
  });
}
