import type { JsMsg } from '@sluice/broker';
import {
  PermanentError,
  PoisonError,
  ShutdownAbort,
  TransientError,
  errorCodeOf,
  type ErrorCode,
} from '@sluice/contracts';
import { retryDelayMs } from './retry-delay.ts';

/** Fate of a message whose handling ended. */
export type Fate =
  | { kind: 'ack' }
  /** Give it back; `counted` says whether it cost an attempt. */
  | {
      kind: 'retry';
      delayMs: number;
      counted: boolean;
      outageHost: string | null;
      retryAfterMs: number | undefined;
    }
  /** Publish `pkg.failed`, then ack. */
  | { kind: 'fail'; code: ErrorCode; detail: string }
  /** Stored bytes of an earlier stage are lost: the aggregator sends the package version through the stages again. */
  | { kind: 'redo'; code: ErrorCode; detail: string }
  /** Publish `pkg.failed` and keep the message as a dead letter, to be redriven when the cause is mended. */
  | { kind: 'exhausted'; code: ErrorCode; detail: string }
  | { kind: 'dead' };

export interface AttemptCount {
  /** Attempts that counted, this one included. */
  attempt: number;
  attemptsMax: number;
  shuttingDown: boolean;
  /** First wait before another try. */
  retryBaseMs?: number | undefined;
}

/**
 * Decides the fate of a message from the error that its handling ended with. Pure: the one table that the delivery
 * guarantees rest on.
 */
export function fateOf(error: unknown, count: AttemptCount): Fate {
  if (error instanceof PoisonError) return { kind: 'dead' };
  if (error instanceof PermanentError) {
    return { kind: isLost(error) ? 'redo' : 'fail', code: error.code, detail: error.message };
  }
  if (error instanceof ShutdownAbort || count.shuttingDown) {
    return { kind: 'retry', delayMs: 0, counted: false, outageHost: null, retryAfterMs: undefined };
  }
  if (error instanceof TransientError && error.host !== undefined) {
    const delayMs = Math.max(error.retryAfterMs ?? 0, retryDelayMs(count.attempt, count.retryBaseMs));
    return {
      kind: 'retry',
      delayMs,
      counted: false,
      outageHost: error.host,
      retryAfterMs: error.retryAfterMs,
    };
  }
  if (count.attempt >= count.attemptsMax) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: isLost(error) ? 'redo' : 'exhausted', code: errorCodeOf(error), detail };
  }
  const retryAfterMs = error instanceof TransientError ? error.retryAfterMs : undefined;
  const delayMs = Math.max(retryAfterMs ?? 0, retryDelayMs(count.attempt, count.retryBaseMs));
  return { kind: 'retry', delayMs, counted: true, outageHost: null, retryAfterMs };
}

/** Codes of stored bytes that cannot be read any more. */
const lostCodes: ReadonlySet<ErrorCode> = new Set(['artifact.missing', 'artifact.corrupt']);

function isLost(error: unknown): boolean {
  return lostCodes.has(errorCodeOf(error));
}

/** Tells the broker every third of the ack-wait that the message is still in work. */
export function keepAlive(message: JsMsg, ackWaitMs: number): () => void {
  const timer = setInterval(() => message.working(), ackWaitMs / 3);
  return () => clearInterval(timer);
}

/** Runs work under a deadline and the service's stop signal; the work is handed one signal for both. */
export async function runBounded<Result>(
  deadlineMs: number,
  stopping: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (stopping.aborted) throw new ShutdownAbort();
  const bound = new AbortController();
  let release = () => {};
  try {
    return await new Promise<Result>((resolve, reject) => {
      // The reason of the abort says more than the error that the aborted work throws.
      const abort = (why: Error) => {
        reject(why);
        bound.abort(why);
      };
      const late = () => abort(new TransientError('backend.timeout', `No result within ${deadlineMs} ms.`));
      const timer = setTimeout(late, deadlineMs);
      const stop = () => abort(new ShutdownAbort());
      stopping.addEventListener('abort', stop, { once: true });
      release = () => {
        clearTimeout(timer);
        stopping.removeEventListener('abort', stop);
      };
      work(bound.signal).then(resolve, reject);
    });
  } finally {
    release();
  }
}
