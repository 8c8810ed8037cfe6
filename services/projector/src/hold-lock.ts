import type { Sql, Tx } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';

/** How often a standby asks for the lock, and the holder asks whether it still has it. */
const checkMs = 2_000;

/**
 * Runs `work` while this process holds a Postgres advisory lock, and stands by while another does: one projector
 * applies, the others wait to take over. The signal that `work` gets aborts when the lock is lost with its connection.
 */
export async function holdLock(
  sql: Sql,
  name: string,
  signal: AbortSignal,
  log: Logger,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const lost = new AbortController();
    let working: Promise<void> | undefined;
    try {
      // A transaction: the driver reports a lost connection only to the transaction that runs on it.
      await sql.begin(async (tx) => {
        if (!(await isLocked(tx, name))) return;
        working = whileHeld(tx, lost, () => work(AbortSignal.any([signal, lost.signal])));
        await working;
      });
    } catch (error) {
      log.warn({ err: error }, `lock ${name} is not held`);
    }
    lost.abort();
    // The work must have ended here before another process gets the lock.
    await working?.catch(() => {});
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, checkMs));
  }
}

/**
 * Runs `work` while this process holds a Postgres advisory lock.
 * @returns the result of `work`; null when another process holds the lock.
 */
export function withLock<Result>(
  sql: Sql,
  name: string,
  work: () => Promise<Result>,
): Promise<Result | null> {
  return sql.begin(async (tx) => {
    if (!(await isLocked(tx, name))) return null;
    return whileHeld(tx, new AbortController(), work);
  }) as Promise<Result | null>;
}

async function isLocked(tx: Tx, name: string): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext(${name})) as locked`;
  return row!.locked;
}

async function whileHeld<Result>(
  tx: Tx,
  lost: AbortController,
  work: () => Promise<Result>,
): Promise<Result> {
  // Also keeps the server from ending a transaction that says nothing.
  const ask = async () => void (await tx`select 1`);
  const timer = setInterval(() => {
    ask().catch(() => lost.abort());
  }, checkMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
