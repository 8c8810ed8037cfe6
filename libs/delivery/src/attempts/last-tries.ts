import type { JsMsg } from '@sluice/broker';
import type { AttemptLedger } from './attempt-ledger.ts';

/**
 * Last tries in which a message is run. Two, because a neighbour in the same process may have killed it in one.
 */
const runsMax = 2;

/** Detail of the failure that such messages end with, under the code `exhausted`. */
export const diedAlways = 'The process died at every attempt.';

/**
 * The step of a last try: `run` handles the message as any other; `end` decodes it and ends it as exhausted; `bury` keeps
 * it as a dead letter unread, because it killed its process while it was decoded.
 */
export type LastTry = 'run' | 'end' | 'bury';

/**
 * Messages whose attempts all ended without a word: the process died while it had them. It had others too, and each
 * death counts for all of them, so the count alone does not say which one kills. From then on they are tried one at a
 * time, and each try is written down before it begins. A message that kills its process is known by the tries that
 * never ended; its neighbours get through.
 */
export class LastTries {
  readonly #ledger: AttemptLedger;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ledger: AttemptLedger) {
    this.#ledger = ledger;
  }

  /**
   * Does the work once every earlier message has been tried.
   * @returns the work's result. A try that ended, also by an error, is taken back: the process lives.
   * @throws errors of the work, and of the ledger when it cannot be read or written: then the work did not begin.
   */
  take<Result>(message: JsMsg, work: (step: LastTry) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(async () => {
      const before = await this.#ledger.lastTries(message);
      await this.#ledger.noteLastTries(message, before + 1);
      try {
        return await work(before < runsMax ? 'run' : before === runsMax ? 'end' : 'bury');
      } finally {
        await this.#ledger.noteLastTries(message, before);
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }
}
