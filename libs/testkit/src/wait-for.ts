import { setTimeout as delay } from 'node:timers/promises';

export interface WaitForOptions {
  /** Name of the condition, for the error. */
  what?: string;
  /** Only a wrong program waits this long; generous, so that a slow machine does not fail a test. */
  timeoutMs?: number;
  /** How long past that a question may take that was asked in time, so that each one gets an answer. */
  answerMs?: number;
}

const POLL_FIRST_MS = 2;
const POLL_LAST_MS = 50;

/**
 * Asks again and again until the condition gives something truthy, and returns that. Asks at once, then ever less
 * often: quick answers are quick, slow ones cost little.
 * @throws Error when it does not come in time; the last error of the condition is its cause.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what = 'the condition', timeoutMs = 15_000, answerMs = 5_000 }: WaitForOptions = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  for (let pause = POLL_FIRST_MS; ; pause = Math.min(pause * 2, POLL_LAST_MS)) {
    try {
      const value = await before(deadline + answerMs, condition);
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`, { cause });
    await delay(pause);
  }
}

/** One evaluation of the condition. @throws Error when it has not answered at the deadline. */
async function before<T>(deadline: number, condition: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error('It did not answer at all.')),
      Math.max(deadline - Date.now(), 1),
    );
  });
  try {
    return await Promise.race([condition(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the condition comes true in time. */
export async function isTrueWithin(
  timeoutMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<boolean> {
  return await waitFor(condition, { timeoutMs }).catch(() => false);
}
