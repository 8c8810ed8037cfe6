/** Something on this machine keeps a local server from starting. The message is one line; the remedy another. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly remedy: string;
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** Says one line of progress, or a failed attempt and its reason. */
export type OnStep = (line: string) => void;
