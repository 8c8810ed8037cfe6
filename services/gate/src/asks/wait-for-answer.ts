import type { StandingIndex } from '../standings/standing-index.ts';
import { answerFor, mayPass, type Answer } from '../standings/hold.ts';
import type { Place } from '../standings/standing-index.ts';

/**
 * Waits until a package version has an answer that a moment does not change, or the time is over.
 * @returns the answer then.
 */
export function waitForAnswer(
  index: () => StandingIndex,
  place: Place,
  waitMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  const answer = () => answerFor(index(), place, Date.now());
  return new Promise((resolve) => {
    const watched = index();
    const stop = watched.onChange((changed) => {
      const isIt =
        changed.name === place.name && changed.version === place.version && changed.type === place.type;
      if (isIt) look();
    });
    const timer = setTimeout(done, waitMs);
    signal.addEventListener('abort', done, { once: true });
    function look(): void {
      const now = answer();
      if (!('hold' in now) || !mayPass(now.hold)) done();
    }
    function done(): void {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', done);
      resolve(answer());
    }
    look();
  });
}
