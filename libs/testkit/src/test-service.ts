import { Health, createLogger, type Logger } from '@sluice/runtime';

/** The part of a service's context that libraries use. */
export interface TestService {
  log: Logger;
  health: Health;
  signal: AbortSignal;
  onStop: (name: string, stop: () => Promise<void> | void) => void;
  /** Stops as a service does: the signal first, then in reverse order of registration. */
  stop: () => Promise<void>;
}

/** A service without a process, a configuration or a log. */
export function testService(): TestService {
  const abort = new AbortController();
  const closers: (() => Promise<void> | void)[] = [];
  return {
    log: createLogger('test', 'silent'),
    health: new Health(),
    signal: abort.signal,
    onStop: (_, stop) => closers.push(stop),
    async stop() {
      abort.abort();
      for (const close of closers.splice(0).toReversed()) await close();
    },
  };
}
