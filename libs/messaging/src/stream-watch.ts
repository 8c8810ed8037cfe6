import type { Sql, Tx } from '@sluice/postgres';
import type { Bus } from './connection.ts';
import { currentStream } from './topology.ts';

interface Known {
  identity: string | null;
  lastSequence: number;
}

/**
 * Notices, once, that the event stream is not the one that was known or ends earlier than it did: the broker lost
 * data. What is known is kept per watcher in the table `stream_watch (watcher text primary key, identity text,
 * last_sequence bigint not null)` of the service's schema. A stream that is missing altogether is made anew.
 * @param onLost has its effect in the transaction that remembers the new stream, so that it happens once and surely.
 * @returns whether data was lost since the last look.
 * @throws when the broker or Postgres is not there; to be asked again.
 */
export async function noticeLostStream(
  bus: Bus,
  sql: Sql,
  watcher: string,
  onLost: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  return (await sql.begin(async (tx) => {
    await tx`insert into stream_watch (watcher, last_sequence) values (${watcher}, 0) on conflict do nothing`;
    // The broker is asked under the lock: an answer that is older than what another replica wrote would look like a loss.
    const [known] = await tx<Known[]>`
      select identity, last_sequence as "lastSequence" from stream_watch where watcher = ${watcher} for update`;
    const { identity, lastSequence } = await currentStream(bus);
    const lost = isLost(known!, { identity, lastSequence });
    if (lost) await onLost(tx);
    if (identity !== known!.identity || lastSequence !== known!.lastSequence) {
      await tx`
        update stream_watch set identity = ${identity}, last_sequence = ${lastSequence} where watcher = ${watcher}`;
    }
    return lost;
  })) as boolean;
}

function isLost(known: Known, stream: { identity: string; lastSequence: number }): boolean {
  if (known.identity === null) return false;
  return stream.identity !== known.identity || stream.lastSequence < known.lastSequence;
}
