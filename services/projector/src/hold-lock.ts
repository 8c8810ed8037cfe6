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
      // A transaction, because the driver says of one, and only of one, that its connection is gone.
      await sql.begin(async (tx) => {
        const [row] = await tx<{ locked: boolean }[]>`
          select pg_try_advisory_xact_lock(hashtext(${name})) as locked`;
        if (!row?.locked) return;
        working = whileHeld(tx, AbortSignal.any([signal, lost.signal]), lost, work);
        await working;
      });
    } catch (error) {
      log.warn({ err: error }, `lock ${name} is not held`);
    }
    lost.abort();
    // Whoever gets the lock next must not find this work still going on here.
    await working?.catch(() => {});
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, checkMs));
  }
}

async function whileHeld(
  tx: Tx,
  signal: AbortSignal,
  lost: AbortController,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  // Also keeps the server from ending a transaction that says nothing.
  const ask = async () => void (await tx`select 1`);
  const timer = setInterval(() => {
    ask().catch(() => lost.abort());
  }, checkMs);
  try {
    await work(signal);
  } finally {
    clearInterval(timer);
  }
}
