import type { Sql } from '@sluice/postgres';
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
    try {
      const connection = await sql.reserve();
      try {
        const [row] = await connection<
          { locked: boolean }[]
        >`select pg_try_advisory_lock(hashtext(${name})) as locked`;
        if (row?.locked) await whileHeld(connection, name, signal, work);
      } finally {
        connection.release();
      }
    } catch (error) {
      log.warn({ err: error }, `lock ${name} is not available`);
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, checkMs));
  }
}

async function whileHeld(
  connection: Awaited<ReturnType<Sql['reserve']>>,
  name: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const timer = setInterval(() => {
    connection`select 1`.catch(() => lost.abort());
  }, checkMs);
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(timer);
    await connection`select pg_advisory_unlock(hashtext(${name}))`.catch(() => {});
  }
}
