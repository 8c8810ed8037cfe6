/** Something on this machine keeps a local server from starting. The message is one line; the remedy is what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly remedy: string;
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** Says one line of progress, or what was tried and why it failed. */
export type OnStep = (line: string) => void;
