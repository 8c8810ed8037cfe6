import type { OnStep } from '@sluice/servers';

/** A part of the stack that runs. */
export interface Part {
  name: string;
  stop(): Promise<void>;
}

export interface StopTimes {
  /** After this long the next part is asked to stop as well. */
  eachMs: number;
  /** Longest wait for all parts together. */
  allMs: number;
}

/**
 * Stops parts one after the other in reverse order of their start. One that is slow holds up the next only for
 * `eachMs`, and all together `allMs`.
 * @returns the names of those that had not stopped by then.
 */
export async function stopInOrder(
  parts: readonly Part[],
  times: StopTimes,
  onStep: OnStep,
): Promise<string[]> {
  const late = new Set<string>();
  const stops: Promise<void>[] = [];
  const deadline = Date.now() + times.allMs;
  const leftMs = () => Math.max(deadline - Date.now(), 0);
  for (const part of parts.toReversed()) {
    late.add(part.name);
    const stopped = part
      .stop()
      .catch((error: unknown) => onStep(`${part.name} did not stop cleanly: ${String(error)}`))
      .then(() => void late.delete(part.name));
    stops.push(stopped);
    await within(Math.min(times.eachMs, leftMs()), stopped);
  }
  await within(leftMs(), Promise.all(stops));
  return [...late];
}

/** Resolves when the promise does, at the latest after this long. */
export async function within(timeoutMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
