import { addToOutbox, withOutbox, type OutboxMessage, type OutboxRow } from '@sluice/delivery';
import type { Sql } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';
import { Counter } from 'prom-client';

/** Age of a submission that is asked about: most are taken in within a second. */
const askAfterSeconds = 30;
/** Submissions asked about at once; the rest is asked about right after. */
const askedMax = 500;

const putBackTotal = new Counter({
  name: 'sluice_submissions_put_back_total',
  help: 'Accepted submissions that the aggregator did not know, and that were published again.',
});

/** Something that a service accepted and handed on by a message. */
export interface AcceptedKind<Row extends { id: string; submittedAt: Date }> {
  /** In the log, in the plural. */
  name: string;
  /** Those that are not known to be taken in, older than some seconds, by time and id from behind a row on. */
  rows(after: Row | null, olderThanSeconds: number, limit: number): Promise<Row[]>;
  /** Asks the aggregator which of them it has taken in. */
  takenIn(ids: string[]): Promise<string[]>;
  noteTakenIn(ids: string[]): Promise<unknown>;
  messageOf(row: Row): OutboxMessage;
}

export interface PutBackDeps {
  /** The schema with the outbox that the messages went through. */
  sql: Sql;
  log: Logger;
  published: (written: OutboxRow[]) => void;
}

/**
 * Asks the aggregator about submissions that it should have taken in by now, and publishes those again that it does not
 * know: the broker lost their messages, by a purge, an expiry, or with its data. One that only waits in the outbox is
 * left there, and one that still waits at the broker is a duplicate, which the broker does not store.
 * @returns how many were published again.
 * @throws TransientError when the aggregator or Postgres is away; to be asked again.
 */
export async function putBackLost<Row extends { id: string; submittedAt: Date }>(
  deps: PutBackDeps,
  kind: AcceptedKind<Row>,
): Promise<number> {
  let putBack = 0;
  for (let after: Row | null = null; ;) {
    const rows: Row[] = await kind.rows(after, askAfterSeconds, askedMax);
    if (rows.length === 0) return putBack;
    const takenIn = await kind.takenIn(rows.map(({ id }) => id));
    await kind.noteTakenIn(takenIn);
    const lost = rows.filter(({ id }) => !takenIn.includes(id)).map((row) => kind.messageOf(row));
    const published = await publishAgain(lost, deps);
    if (published > 0) {
      const text = `accepted ${kind.name} were lost; they are published again`;
      deps.log.error({ [kind.name]: published }, text);
    }
    putBackTotal.inc(published);
    putBack += published;
    if (rows.length < askedMax) return putBack;
    after = rows.at(-1)!;
  }
}

/** @returns how many were published again: those that no longer wait in the outbox. */
async function publishAgain(messages: OutboxMessage[], { sql, published }: PutBackDeps): Promise<number> {
  if (messages.length === 0) return 0;
  const ids = messages.map(({ eventId }) => eventId);
  const { written } = await withOutbox(sql, async (tx) => {
    // One that was published makes room for its copy; one that waits stays, and is not written twice.
    await tx`
      delete from outbox where event_id = any(${ids}::uuid[])
        and not exists (select from outbox_waiting w where w.position = outbox.position)`;
    await addToOutbox(tx, messages);
  });
  published(written);
  return written.length;
}
