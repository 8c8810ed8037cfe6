import { columnsOf, type Sql, type Tx } from '@sluice/postgres';

/** A message that waits to be published. */
export interface OutboxMessage {
  /** Event id; also the `Nats-Msg-Id`. */
  eventId: string;
  subject: string;
  payload: string;
  headers: Record<string, string>;
}

export interface OutboxRow extends OutboxMessage {
  position: number;
}

/** Messages written by each open transaction, so that they can be published without reading them back. */
const written = new WeakMap<Tx, OutboxRow[]>();

/**
 * Writes messages in the transaction of the state change that they announce. Unpublished ones have a table of their own, of
 * positions only: marking a message as published then rewrites no message (measured: a third less work in Postgres
 * for each).
 */
export async function addToOutbox(tx: Tx, messages: OutboxMessage[]): Promise<void> {
  for (let start = 0; start < messages.length; start += addedMax) {
    await addTogether(tx, messages.slice(start, start + addedMax));
  }
}

/** Rows in one statement: building one for tens of thousands blocks the process. */
const addedMax = 2_000;

async function addTogether(tx: Tx, messages: OutboxMessage[]): Promise<void> {
  const column = columnsOf(tx, messages);
  const rows = await tx<{ eventId: string; position: number }[]>`
    with added as (
      insert into outbox (event_id, subject, payload, headers)
      select * from unnest(
        ${column(({ eventId }) => eventId)}::uuid[], ${column(({ subject }) => subject)},
        ${column(({ payload }) => payload)}, ${column(({ headers }) => headers)}::jsonb[])
      on conflict (event_id) do nothing
      returning event_id, position),
    waiting as (insert into outbox_waiting (position) select position from added)
    select event_id as "eventId", position from added order by position`;
  const byId = new Map(messages.map((message) => [message.eventId, message]));
  const added = rows.map(({ eventId, position }) => ({ ...byId.get(eventId)!, position }));
  written.set(tx, (written.get(tx) ?? []).concat(added));
}

/**
 * Runs a transaction.
 * @returns its result, and the messages that it left in the outbox, to be published now that it is committed.
 */
export async function withOutbox<Result>(
  sql: Sql,
  work: (tx: Tx) => Promise<Result>,
): Promise<{ result: Result; written: OutboxRow[] }> {
  return (await sql.begin(async (tx) => {
    const result = await work(tx);
    return { result, written: written.get(tx) ?? [] };
  })) as { result: Result; written: OutboxRow[] };
}

/**
 * Hands a batch of unpublished messages, oldest first, to `publish`, and marks as published those it confirms.
 * Rows that another replica holds are skipped.
 * @param upTo the last position to look at.
 * @returns how many were taken and how many were confirmed.
 */
export async function drainOutbox(
  sql: Sql,
  limit: number,
  publish: (rows: OutboxRow[]) => Promise<number[]>,
  upTo: number = Number.MAX_SAFE_INTEGER,
): Promise<{ taken: number; published: number }> {
  return sql.begin(async (tx) => {
    const rows = await tx<OutboxRow[]>`
      with next as materialized (
        select position from outbox_waiting where position <= ${upTo} order by position limit ${limit}
        for update skip locked)
      select next.position, event_id as "eventId", subject, payload, headers
      -- Looked up one by one: a plan made while the tables were empty would read all that was ever published.
      from next cross join lateral (select * from outbox where outbox.position = next.position offset 0) as message
      order by next.position`;
    if (rows.length === 0) return { taken: 0, published: 0 };
    const confirmed = await publish(rows);
    await markPublished(tx, confirmed);
    return { taken: rows.length, published: confirmed.length };
  }) as Promise<{ taken: number; published: number }>;
}

/** Marks messages that the broker confirmed as published. */
export async function markPublished(sql: Sql | Tx, positions: number[]): Promise<void> {
  if (positions.length === 0) return;
  await sql`delete from outbox_waiting where position = any(${positions}::bigint[])`;
}

/** The newest message that waits; 0 when none does. */
export async function lastWaiting(sql: Sql): Promise<number> {
  const [row] = await sql<{ position: number }[]>`
    select coalesce(max(position), 0)::bigint as position from outbox_waiting`;
  return row!.position;
}

/**
 * Marks all recently written messages as unpublished: the broker lost them. A consumer that has seen one before
 * knows it by its event id.
 * @param keptHours as long as `purgeDelivered` keeps rows.
 * @param except type of events that are left out, such as `pkg.requested`.
 * @returns how many messages will be published again.
 */
export async function republishOutbox(tx: Tx, keptHours: number, except: string): Promise<number> {
  // Days of messages are more than an ordinary statement may take.
  await tx`set local statement_timeout = 0`;
  const { count } = await tx`
    insert into outbox_waiting (position)
    select position from outbox where created_at > now() - make_interval(hours => ${keptHours})
      and not starts_with(subject, ${`${except}.`})
    on conflict do nothing`;
  return count;
}

/** How many messages wait, and since when, in seconds. */
export async function outboxBacklog(sql: Sql): Promise<{ waiting: number; oldestAgeSeconds: number }> {
  const [row] = await sql<{ waiting: number; age: number }[]>`
    select count(*)::int as waiting,
      coalesce(extract(epoch from now() - (
        select created_at from outbox where position = (select min(position) from outbox_waiting))), 0)::float8 as age
    from outbox_waiting`;
  return { waiting: row?.waiting ?? 0, oldestAgeSeconds: row?.age ?? 0 };
}

/** Whether this many messages or more wait; looks at no more of them than that. */
export async function hasBacklog(tx: Tx, max: number): Promise<boolean> {
  const [row] = await tx<{ waiting: number }[]>`
    select count(*)::int as waiting from (select 1 from outbox_waiting limit ${max}) as backlog`;
  return row!.waiting >= max;
}

/**
 * Removes rows that are too old to be needed for repairing the broker or recognising a duplicate.
 * A message that waited longer than that is removed with the next purge after it was published.
 */
export async function purgeDelivered(sql: Sql, keepHours: number): Promise<void> {
  await sql`
    delete from outbox where created_at < now() - make_interval(hours => ${keepHours})
      and not exists (select from outbox_waiting w where w.position = outbox.position)`;
  await sql`delete from inbox where received_at < now() - make_interval(hours => ${keepHours})`;
}
