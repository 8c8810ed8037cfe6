import type { Sql, Tx } from '@sluice/postgres';
import { Counter } from 'prom-client';
import { currentPositions, keepPositions, currentStream, eventsStream, type Bus } from '@sluice/broker';

interface Known {
  identity: string | null;
  lastSequence: number;
}

interface Look {
  identity: string;
  /** The value remembered for the next look. */
  sequence: number;
  isLost: boolean;
}

/** Also counted by `watchTopology`. */
export const streamLosses = new Counter({
  name: 'sluice_stream_losses_total',
  help: 'Times that messages were found gone from the event stream which a reader still needed, by who noticed.',
  labelNames: ['watcher'] as const,
});

/**
 * Notices, once, that the event stream is not the one that was known or ends earlier than it did: the broker lost
 * data. The known stream is kept per watcher in the table `stream_watch (watcher text primary key, identity text,
 * last_sequence bigint not null)` of the service's schema. A stream that is missing altogether is made anew.
 * @param onLost has its effect in the transaction that remembers the new stream, so that it happens once and surely.
 * @returns whether data was lost since the last look.
 * @throws when the broker or Postgres is not there; to be asked again.
 */
export function noticeLostStream(
  bus: Bus,
  sql: Sql,
  watcher: string,
  onLost: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  return notice(sql, watcher, onLost, async (known) => {
    const { identity, lastSequence: sequence } = await currentStream(bus);
    const isShorter = identity !== known.identity || sequence < known.lastSequence;
    return { identity, sequence, isLost: known.identity !== null && isShorter };
  });
}

/**
 * Notices, once, that messages are gone from the event stream before its consumers had settled them: it was purged, its
 * limits were lowered, or they grew too old while a consumer was away. Like `noticeLostStream`, of which it is the other
 * half; it remembers the sequence up to which everything was settled.
 */
export function noticeLostMessages(
  bus: Bus,
  sql: Sql,
  watcher: string,
  onLost: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  return notice(sql, watcher, onLost, async (known) => {
    // The stream first: messages in between are then not counted as settled.
    const { identity, firstSequence, lastSequence } = await currentStream(bus);
    const { positions, busy } = await currentPositions(bus, eventsStream);
    if (bus.isMaker) await keepPositions(bus, { identity, lastSequence }, positions);
    const settled = Math.min(lastSequence, ...busy.map((durable) => positions[durable]!));
    const isSame = identity === known.identity && known.lastSequence <= lastSequence;
    const isLost = isSame && firstSequence > known.lastSequence + 1;
    // A settled message stays settled. After a loss all messages up to here were made good: the rest of a queue that
    // grows old message by message is no further loss.
    const before = isSame ? known.lastSequence : 0;
    const sequence = isLost ? lastSequence : Math.max(before, firstSequence - 1, settled);
    return { identity, sequence, isLost };
  });
}

async function notice(
  sql: Sql,
  watcher: string,
  onLost: (tx: Tx) => Promise<void>,
  look: (known: Known) => Promise<Look>,
): Promise<boolean> {
  const lost = (await sql.begin(async (tx) => {
    await tx`insert into stream_watch (watcher, last_sequence) values (${watcher}, 0) on conflict do nothing`;
    // The broker is asked under the lock: an answer that is older than another replica's row would look like a loss.
    const [known] = await tx<Known[]>`
      select identity, last_sequence as "lastSequence" from stream_watch where watcher = ${watcher} for update`;
    const { identity, sequence, isLost } = await look(known!);
    if (isLost) await onLost(tx);
    if (identity !== known!.identity || sequence !== known!.lastSequence) {
      await tx`
        update stream_watch set identity = ${identity}, last_sequence = ${sequence} where watcher = ${watcher}`;
    }
    return isLost;
  })) as boolean;
  // Also by nothing: a rate is known only of a counter that was there before.
  streamLosses.inc({ watcher }, lost ? 1 : 0);
  return lost;
}
