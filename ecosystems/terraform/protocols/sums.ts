/** One line of SHA256SUMS. */
export interface SumLine {
  file: string;
  /** SHA-256 in lower-case hex. */
  hex: string;
}

/** More than the files of any provider. */
const linesMax = 1_000;

/** Reads a list of digests as `sha256sum` writes it; lines of another form are left out. */
export function readSums(text: string): SumLine[] {
  return text
    .split('\n')
    .slice(0, linesMax)
    .flatMap((line) => {
      const [, hex, file] = /^([0-9a-f]{64}) [ *](\S+)\r?$/.exec(line) ?? [];
      return hex && file ? [{ file, hex }] : [];
    });
}
