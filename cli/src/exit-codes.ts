/** Exit codes of all commands; scripts and CI rely on these. */
export const exitCodes = {
  /** Everything is approved, or may be approved without a second look. */
  ok: 0,
  /** Something is rejected, waits for a review or could not be assessed. */
  attention: 1,
  /** The command itself was wrong: an unknown option, a file that cannot be read, something that is not there. */
  usage: 2,
  /** No result in the given time; the work goes on. */
  timeout: 3,
  /** The server cannot be reached, or said that it failed. */
  server: 4,
} as const;

export interface CommandErrorOptions extends ErrorOptions {
  /** A code of the API, or one of the command line's own; see docs/runbook.md. */
  code?: string | undefined;
}

/** An error that ends a command with one clear line, a remedy, and an exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  readonly remedy: string | undefined;
  readonly code: string | undefined;
  constructor(
    exitCode: number,
    message: string,
    remedy?: string,
    { code, ...options }: CommandErrorOptions = {},
  ) {
    super(message, options);
    this.exitCode = exitCode;
    this.remedy = remedy;
    this.code = code;
  }
}
