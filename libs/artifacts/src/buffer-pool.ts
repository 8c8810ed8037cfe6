/** Buffers of one size that are used again. */
export class BufferPool {
  readonly #bytes: number;
  readonly #keptMax: number;
  readonly #free: Buffer[] = [];

  constructor({ bytes, keptMax }: { bytes: number; keptMax: number }) {
    this.#bytes = bytes;
    this.#keptMax = keptMax;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  /** Gives a buffer back, which nothing reads or writes any more. */
  give(buffer: Buffer): void {
    if (this.#free.length < this.#keptMax) this.#free.push(buffer);
  }
}
