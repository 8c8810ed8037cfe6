import type { ServerResponse } from 'node:http';
import type { Principal } from '@sluice/api';
import type { GateDeps } from '../deps.ts';
import { answerFor, mayPass, type Answer } from '../standings/hold.ts';
import type { Place } from '../standings/standing-index.ts';
import type { NotAsked } from './asker.ts';
import { waitForAnswer } from './wait-for-answer.ts';

/** Requests that wait at once: each holds a connection and no more. */
const waitersMax = 256;
let waiters = 0;

/**
 * The answer for a package version. For one that is not known it asks, and then waits a while for what becomes of it: a clean
 * small package is decided in that time.
 * @param outgoing a client that hangs up is not waited for.
 * @throws errors of `Asker.ask`.
 */
export async function askAndWait(
  place: Place,
  { principal, outgoing }: { principal: Principal; outgoing: ServerResponse },
  { standings, asker, waitMs }: GateDeps,
): Promise<{ answer: Answer; notAsked: NotAsked | null }> {
  const answer = answerFor(standings.index, place, Date.now());
  if (!('hold' in answer) || !mayPass(answer.hold)) return { answer, notAsked: null };
  if (answer.hold.state === 'undecided') return { answer, notAsked: null };
  const notAsked = answer.hold.state === 'unknown' ? await asker.ask(place, principal) : null;
  if (notAsked !== null || waiters >= waitersMax) return { answer, notAsked };
  const gone = new AbortController();
  const abort = () => gone.abort();
  outgoing.once('close', abort);
  waiters += 1;
  try {
    return { answer: await waitForAnswer(() => standings.index, place, waitMs, gone.signal), notAsked };
  } finally {
    waiters -= 1;
    outgoing.off('close', abort);
  }
}
