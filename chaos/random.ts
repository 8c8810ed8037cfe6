/** Seeded randomness: the same seed makes the same packages, the same victims and the same moments. */
export interface Random {
  /** From 0 up to but not including 1. */
  next(): number;
  /** A whole number between the two, both included. */
  between(min: number, max: number): number;
  pick<T>(values: readonly T[]): T;
  /** Time to the next event of a Poisson process with this mean. */
  exponential(mean: number): number;
}

/** Mulberry32: 32 bits of state are plenty for choosing victims. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (values) => values[Math.floor(next() * values.length)]!,
    exponential: (mean) => -mean * Math.log(1 - next()),
  };
}
