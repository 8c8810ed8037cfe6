import { errorCodes, type ErrorCode } from './error-codes.ts';

/**
 * The kinds of error decide the fate of a message (see docs/delivery.md, "Errors have kinds"). Any other
 * error is a defect: it is retried to the limit and then failed.
 */
abstract class CodedError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, detail: string = errorCodes[code].title, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

export interface TransientErrorOptions extends ErrorOptions {
  /** How long the other side asked us to wait (`Retry-After`). */
  retryAfterMs?: number;
  /**
   * The host that is out of order (429, 5xx, timeouts, refused connections). When set, the failure is the host's:
   * the stage pauses for it and no attempt is spent.
   */
  host?: string;
}

/** May succeed when tried again: a timeout, a 503, a lost connection. */
export class TransientError extends CodedError {
  override readonly name = 'TransientError';
  readonly retryAfterMs: number | undefined;
  readonly host: string | undefined;
  constructor(code: ErrorCode, detail?: string, options: TransientErrorOptions = {}) {
    super(code, detail, options);
    this.retryAfterMs = options.retryAfterMs;
    this.host = options.host;
  }
}

/** One thing that is wrong with an input, and where. */
export interface InputFault {
  /** JSON pointer (RFC 6901) to the field, or to where it would be; '' is the whole. */
  pointer: string;
  detail: string;
  /** The part of an HTTP request that has the field; the body when left out. */
  in?: 'body' | 'form' | 'query' | 'path' | 'header';
}

export interface PermanentErrorOptions extends ErrorOptions {
  /** Each fault of the input, where they can be told apart. */
  faults?: readonly InputFault[];
}

/** Will never succeed for this input: the version does not exist, the lockfile is unreadable. */
export class PermanentError extends CodedError {
  override readonly name = 'PermanentError';
  readonly faults: readonly InputFault[];
  constructor(code: ErrorCode, detail?: string, options: PermanentErrorOptions = {}) {
    super(code, detail, options);
    this.faults = options.faults ?? [];
  }
}

/** The message itself cannot be understood; it becomes a dead letter at once. */
export class PoisonError extends CodedError {
  override readonly name = 'PoisonError';
}

/** The process is stopping; the message goes back at once and no attempt is spent. */
export class ShutdownAbort extends CodedError {
  override readonly name = 'ShutdownAbort';
  constructor(options?: ErrorOptions) {
    super('shutdown', undefined, options);
  }
}

export function isCoded(error: unknown): error is CodedError {
  return error instanceof CodedError;
}

/** The stable code of any error; defects have `internal`. */
export function errorCodeOf(error: unknown): ErrorCode {
  return isCoded(error) ? error.code : 'internal';
}
