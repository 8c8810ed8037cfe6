import { singleFlight } from './single-flight.ts';

export interface DocumentCacheLimits {
  /** Bytes of all texts together. */
  maxBytes: number;
  /** How long a text may be answered from. */
  ttlMs: number;
}

/**
 * Reads texts once for all concurrent callers, and keeps the latest for a short while, so that ten
 * versions of one package cost one download. Kept as bytes, outside of the JavaScript heap: parsed, a document takes
 * eight times the memory, and parsing again costs 3 ms for a usual one (70 ms for 10 MB).
 */
export class DocumentCache<Parsed> {
  readonly #limits: DocumentCacheLimits;
  readonly #parse: (bytes: Buffer) => Parsed;
  readonly #kept = new Map<string, { bytes: Buffer; expiry: NodeJS.Timeout }>();
  readonly #flight = singleFlight<Parsed>();
  #sizeBytes = 0;

  constructor(parse: (bytes: Buffer) => Parsed, limits: DocumentCacheLimits) {
    this.#parse = parse;
    this.#limits = limits;
  }

  /** @param load reads the text; its signal aborts when the last caller has gone. */
  async get(
    key: string,
    load: (signal: AbortSignal) => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<Parsed> {
    return await this.#flight(
      key,
      async (flightSignal) => {
        const kept = this.#kept.get(key);
        const bytes = kept?.bytes ?? (await load(flightSignal));
        const parsed = this.#parse(bytes);
        if (!kept) this.#keep(key, bytes);
        return parsed;
      },
      signal,
    );
  }

  #keep(key: string, bytes: Buffer): void {
    if (bytes.length > this.#limits.maxBytes) return;
    const expiry = setTimeout(() => this.#drop(key), this.#limits.ttlMs).unref();
    this.#kept.set(key, { bytes, expiry });
    this.#sizeBytes += bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#sizeBytes <= this.#limits.maxBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (!kept) return;
    clearTimeout(kept.expiry);
    this.#kept.delete(key);
    this.#sizeBytes -= kept.bytes.length;
  }
}
