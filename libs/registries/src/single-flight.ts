/** Runs work for a key, or joins the run that is under way. */
export type SingleFlight<Result> = (
  key: string,
  work: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
) => Promise<Result>;

/**
 * One run per key at a time, shared by all callers. A caller that goes away leaves the others' run alone; the run is aborted
 * when its last caller has gone.
 */
export function singleFlight<Result>(): SingleFlight<Result> {
  const flights = new Map<string, { result: Promise<Result>; callers: number; abort: AbortController }>();

  return async (key, work, signal) => {
    signal.throwIfAborted();
    let flight = flights.get(key);
    if (!flight) {
      const abort = new AbortController();
      const result = work(abort.signal);
      flight = { result, callers: 0, abort };
      flights.set(key, flight);
      const land = () => void (flights.get(key) === flight && flights.delete(key));
      result.then(land, land);
    }
    flight.callers += 1;
    const { result, abort } = flight;
    return await new Promise<Result>((resolve, reject) => {
      const leave = () => {
        reject(signal.reason as Error);
        flight.callers -= 1;
        if (flight.callers > 0) return;
        // Later callers need a run of their own.
        if (flights.get(key) === flight) flights.delete(key);
        abort.abort(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  };
}
