import type { Sql } from '@sluice/postgres';

/** The channel on which the projector says that the read models changed. */
const channel = 'sluice_read_models';

/** Wakes readers that wait for the read models to change. */
export interface ChangeFeed {
  /** Resolves at the next change, after `timeoutMs`, or when the signal aborts. */
  next(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/** One listening connection for all readers. It reconnects by itself; the timeout covers missed notifications. */
export async function startChangeFeed(sql: Sql): Promise<{ feed: ChangeFeed; stop: () => Promise<void> }> {
  const waiting = new Set<() => void>();
  const listener = await sql.listen(channel, () => {
    for (const wake of waiting) wake();
  });
  const feed: ChangeFeed = {
    next: (timeoutMs, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(wake, timeoutMs);
        function wake() {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          waiting.delete(wake);
          resolve();
        }
        waiting.add(wake);
        if (signal.aborted) wake();
        else signal.addEventListener('abort', wake, { once: true });
      }),
  };
  return { feed, stop: () => listener.unlisten() };
}
