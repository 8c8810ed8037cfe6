import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCodeOf } from '@sluice/contracts';

/** A connection that breaks off this often brings the rest no more; it also bounds the requests for one body. */
const resumesMax = 5;
const backoffMs = 100;

/**
 * A body that is continued where it broke off. That the parts belong together is a promise of the host: the reader compares all of
 * it with a hash.
 * @param ask gives the body from a byte on; null where the host has no parts, or has another body now.
 * @returns a body whose errors are those of `first`, or of `ask`. Destroying it destroys the one that is read.
 */
export function resumedBody(
  first: Readable,
  ask: (from: number) => Promise<Readable | null>,
  signal: AbortSignal,
): Readable {
  const whole = new PassThrough();
  let current = first;
  let sizeBytes = 0;
  let resumes = 0;
  const follow = (body: Readable) => {
    current = body;
    const before = sizeBytes;
    body.on('data', (chunk: Buffer) => void (sizeBytes += chunk.length));
    body.once('end', () => whole.end());
    body.once('error', (error) => void goOn(error, sizeBytes > before));
    body.pipe(whole, { end: false });
  };
  const goOn = async (error: Error, hasBrought: boolean) => {
    resumes += 1;
    // A part that brought nothing is a file that ends there.
    const isOver = errorCodeOf(error) !== 'egress.broken-off' || !hasBrought || resumes > resumesMax;
    if (isOver) return whole.destroy(error);
    try {
      await wait(backoffMs * resumes, undefined, { signal });
      const rest = await ask(sizeBytes);
      if (rest === null) return whole.destroy(error);
      if (whole.destroyed) return rest.on('error', () => {}).destroy();
      follow(rest);
    } catch (cause) {
      whole.destroy(signal.aborted ? (signal.reason as Error) : (cause as Error));
    }
    return whole;
  };
  whole.once('close', () => current.on('error', () => {}).destroy());
  follow(first);
  return whole;
}
