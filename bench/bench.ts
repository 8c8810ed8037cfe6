/** One benchmark, measured in turns with its peer where it has one. */
export interface Bench {
  name: string;
  /** The measured quantity, in one line. */
  what: string;
  /** Part of the look that `--quick` takes when no names are given. */
  inQuickLook?: true;
  /** A requirement that this machine does not meet, and the remedy, in a sentence; null when it meets all. */
  missing?: () => Promise<string | null>;
  run: (context: BenchContext) => Promise<Result[]>;
}

export interface BenchContext {
  /** Smaller and fewer: for a look, not for a claim. */
  quick: boolean;
  /** How often each contestant is measured. */
  turns: number;
  /** How many names of the list of popular packages are fetched and scanned; 0 for those of a real lockfile. */
  popular: number;
  /** nats-server program; found as `npm start` does when left out. */
  natsServer: string | undefined;
  /** Reports progress to the person who runs it. */
  say: (line: string) => void;
}

/** A line of the table. */
export interface Result {
  what: string;
  /** Every turn's figure. */
  samples: number[];
  unit: string;
  /** The same figure of a peer, measured in turns with it. */
  peer?: { name: string; samples: number[] };
  /** The bar, from DESIGN or from the peer's figure. */
  budget?: { max?: number; min?: number; what: string };
  note?: string;
}

export function median(samples: number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]!
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** @param share 0.5 for the median, 0.99 for the slowest hundredth. */
export function percentile(samples: number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
