import type { Sql } from '@sluice/postgres';

/** The channel on which the projector says that the read models changed. */
const channel = 'sluice_read_models';

/** Wakes readers that wait for the read models to change. */
export interface ChangeFeed {
  /** Resolves at the next change with true; with false after `timeoutMs`, or when the signal aborts. */
  next(timeoutMs: number, signal: AbortSignal): Promise<boolean>;
}

/** One listening connection for all readers. It reconnects by itself; the timeout covers missed notifications. */
export async function startChangeFeed(sql: Sql): Promise<{ feed: ChangeFeed; stop: () => Promise<void> }> {
  const waiting = new Set<(isChanged: true) => void>();
  const listener = await sql.listen(channel, () => {
    for (const wake of waiting) wake(true);
  });
  const feed: ChangeFeed = {
    next: (timeoutMs, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(give, timeoutMs, false);
        const leave = () => give(false);
        function give(isChanged: boolean) {
          clearTimeout(timer);
          signal.removeEventListener('abort', leave);
          waiting.delete(give);
          resolve(isChanged);
        }
        waiting.add(give);
        if (signal.aborted) leave();
        else signal.addEventListener('abort', leave, { once: true });
      }),
  };
  return { feed, stop: () => listener.unlisten() };
}
