import type { PermanentError, TransientError } from '@sluice/contracts';

/**
 * An answer that no registry gives: a page, JSON of another shape, a redirect to a portal. Either something stands
 * between, or the registry has this one thing broken. Stays in this library: callers get one of the error kinds.
 */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
  /** The error if the registry answers other questions well. */
  readonly own: PermanentError | TransientError;

  constructor(own: PermanentError | TransientError) {
    super(own.message, { cause: own });
    this.own = own;
  }
}

/** The start of a body that is enough to tell text from an archive: one block of a tar. */
export const headBytes = 512;

/**
 * Whether an answer is a page, other text or nothing where bytes of an archive belong. Only to be asked of bytes that
 * are not the ones that were expected: bytes that match may be anything.
 * @param head the first bytes of the body, at most `headBytes`.
 */
export function isNoArchive(contentType: string | null, head: Uint8Array): boolean {
  if (/^(?:text\/html|application\/xhtml)/i.test(contentType ?? '')) return true;
  // gzip begins with 0x1f, and tar pads its names with NUL.
  return !head.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d].includes(byte));
}
