import { repeat, type ServiceContext } from '@sluice/runtime';

/** For bulk work that no event of this replica announces: another replica's, a replay, a retry. */
const tickMs = 500;

export interface BulkPacer {
  /** Says that bulk work ended or came: what waits may begin. */
  wake: () => void;
}

/**
 * Keeps the window of bulk work full: begins what waits as soon as it is woken, and at every tick. Runs never overlap;
 * one that is asked for meanwhile follows at once.
 * @param admit begins a lot; returns whether more may begin at once.
 */
export function startBulkPacer(
  admit: () => Promise<boolean>,
  context: Pick<ServiceContext<unknown>, 'log' | 'onStop'>,
): BulkPacer {
  let isStopped = false;
  let isWanted = false;
  let filling: Promise<void> | undefined;
  const fill = (): Promise<void> => {
    isWanted = true;
    return (filling ??= fillAll().finally(() => (filling = undefined)));
  };
  const fillAll = async () => {
    while (isWanted && !isStopped) {
      isWanted = false;
      if (await admit()) isWanted = true;
    }
  };
  repeat(context, { name: 'beginning bulk work', everyMs: tickMs, run: fill });
  context.onStop('bulk pacer', async () => {
    isStopped = true;
    await filling?.catch(() => {});
  });
  // The tick tells of failures.
  return { wake: () => void fill().catch(() => {}) };
}
