import { PermanentError } from '@sluice/contracts';

/** A key or a session that counted once: its holder is known. */
export class EndedKeyError extends PermanentError {
  readonly holder: string;

  constructor(
    holder: string,
    detail: string,
    code: 'access.key-invalid' | 'access.session-ended' = 'access.key-invalid',
  ) {
    super(code, detail);
    this.holder = holder;
  }
}
