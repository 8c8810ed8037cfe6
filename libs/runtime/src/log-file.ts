import { closeSync, writeSync } from 'node:fs';

/** A reader of a pipe that takes nothing for this long loses the line, rather than holding up the service. */
const slowReaderMs = 1_000;
const pauseMs = 10;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes lines to a file or stream. A full disk ends no service: lines that cannot be written are lost, and how many
 * they were is told by the first one that can be.
 */
export class LogFile {
  readonly #descriptor: number;
  #isClosed = false;
  #lost = 0;
  #reason = '';

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** @param line with its line break. */
  write(line: string): void {
    // The number of a closed file may be another's by now.
    if (this.#isClosed) return;
    try {
      if (this.#lost > 0) {
        // On a line of its own: the last one may have been written in part.
        this.#writeWhole(`\n${lossOf(this.#lost, this.#reason)}`);
        this.#lost = 0;
      }
      this.#writeWhole(line);
    } catch (error) {
      this.#lost += 1;
      this.#reason = (error as NodeJS.ErrnoException).code ?? 'error';
    }
  }

  close(): void {
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }

  #writeWhole(text: string): void {
    const bytes = Buffer.from(text);
    const deadline = Date.now() + slowReaderMs;
    for (let written = 0; written < bytes.length;) {
      try {
        written += writeSync(this.#descriptor, bytes, written);
      } catch (error) {
        // The pipe is full, and another process made it non-blocking.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || Date.now() > deadline) throw error;
        Atomics.wait(sleeper, 0, 0, pauseMs);
      }
    }
  }
}

function lossOf(count: number, code: string): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'error', time, code, lines: count, msg: 'lines of the log were lost' })}\n`;
}
