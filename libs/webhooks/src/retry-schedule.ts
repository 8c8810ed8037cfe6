const [second, minute, hour] = [1_000, 60_000, 3_600_000];

/** Between one try and the next: ten tries over 75 hours, so that a receiver may be away for a long weekend. */
const waitsMs = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** Tries of a delivery, the first one included. */
export const triesMax = waitsMs.length + 1;

/** Waits are longer by up to this share: receivers that came back are not asked by all deliveries in one moment. */
const spread = 0.2;

/**
 * When to try again. Pure but for chance.
 * @param failed tries that failed, from 1.
 * @param chance from 0 to 1.
 * @returns milliseconds; null when there is no further try.
 */
export function retryWaitMs(failed: number, chance: number = Math.random()): number | null {
  const waitMs = waitsMs[failed - 1];
  return waitMs === undefined ? null : Math.round(waitMs * (1 + spread * chance));
}

/** A receiver that failed this often in a row is left alone for a while. */
export const circuitFailures = 5;
const circuitMaxMs = 5 * minute;

/**
 * How long a receiver is left alone after failures in a row: 5 s, doubling to 5 min, so that one that comes back has its messages soon.
 * Pure.
 * @returns milliseconds; 0 while it is trusted.
 */
export function circuitWaitMs(failures: number): number {
  if (failures < circuitFailures) return 0;
  return Math.min(circuitMaxMs, 5 * second * 2 ** Math.min(failures - circuitFailures, 10));
}
