import { randomUUID } from 'node:crypto';
import { testPostgres, waitFor } from '@sluice/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { deliveryMigrations } from '../delivery-migrations.ts';
import { claimEvents } from '../inbox/inbox.ts';
import { addToOutbox, drainOutbox, outboxBacklog, purgeDelivered, type OutboxRow } from './outbox.ts';

const postgres = await testPostgres([deliveryMigrations('delivery')]);
const sql = postgres.connect('delivery');
beforeEach(() => sql`truncate inbox, outbox, outbox_waiting`);

const message = (payload: string, eventId = randomUUID()) => ({
  eventId,
  subject: 'pkg.requested.bulk',
  payload,
  headers: { traceparent: `trace of ${payload}` },
});
/** A promise and the way to keep it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}
const positions = (rows: OutboxRow[]) => rows.map(({ position }) => position);

describe('the inbox', () => {
  const claim = (consumer: string, ids: string[]) => sql.begin((tx) => claimEvents(tx, consumer, ids));
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];

  it('lets a consumer claim an event once, and every consumer for itself', async () => {
    expect(await claim('one', [a, b])).toEqual(new Set([a, b]));
    expect(await claim('one', [b, c])).toEqual(new Set([c]));
    expect(await claim('one', [a, b, c])).toEqual(new Set());
    expect(await claim('two', [a])).toEqual(new Set([a]));
  });

  it('claims an event that stands twice in a batch once', async () => {
    expect(await claim('one', [a, a, a])).toEqual(new Set([a]));
    expect(await claim('one', [])).toEqual(new Set());
  });

  it('forgets a claim with the transaction that failed', async () => {
    const failing = sql.begin(async (tx) => {
      await claimEvents(tx, 'one', [a]);
      throw new Error('the effect failed');
    });
    await expect(failing).rejects.toThrow('the effect failed');
    expect(await claim('one', [a])).toEqual(new Set([a]));
  });

  it('gives common events of batches that run at once to one of them, and never deadlocks', async () => {
    const ids = Array.from({ length: 200 }, () => randomUUID());
    const batches = [ids, ids.toReversed(), [...ids.slice(100), ...ids.slice(0, 100)]];
    const claimed = await Promise.all(batches.map((batch) => claim('one', batch)));
    expect(claimed.flatMap((set) => [...set]).toSorted()).toEqual(ids.toSorted());
  });
});

describe('the outbox', () => {
  const add = (...messages: ReturnType<typeof message>[]) => sql.begin((tx) => addToOutbox(tx, messages));

  it('hands out committed messages, oldest first and whole, and marks confirmed ones', async () => {
    await add(message('first'), message('second'));
    await add(message('third'));
    const seen: OutboxRow[] = [];
    const publish = async (rows: OutboxRow[]) => {
      seen.push(...rows);
      return positions(rows);
    };
    expect(await drainOutbox(sql, 2, publish)).toEqual({ taken: 2, published: 2 });
    expect(await drainOutbox(sql, 2, publish)).toEqual({ taken: 1, published: 1 });
    expect(await drainOutbox(sql, 2, publish)).toEqual({ taken: 0, published: 0 });
    expect(seen.map(({ payload, headers }) => [payload, headers['traceparent']])).toEqual([
      ['first', 'trace of first'],
      ['second', 'trace of second'],
      ['third', 'trace of third'],
    ]);
  });

  it('takes an event in once, however often it is written', async () => {
    const once = message('once');
    await add(once);
    await add({ ...once, payload: 'again' });
    await add();
    expect(await outboxBacklog(sql)).toMatchObject({ waiting: 1 });
  });

  it('keeps unconfirmed messages for the next time', async () => {
    await add(message('a'), message('b'), message('c'));
    const first = await drainOutbox(sql, 10, async (rows) => [rows[1]!.position]);
    expect(first).toEqual({ taken: 3, published: 1 });
    let left: string[] = [];
    await drainOutbox(sql, 10, async (rows) => {
      left = rows.map(({ payload }) => payload);
      return [];
    });
    expect(left).toEqual(['a', 'c']);
  });

  it('keeps everything when publishing throws', async () => {
    await add(message('a'));
    await expect(drainOutbox(sql, 10, () => Promise.reject(new Error('no broker')))).rejects.toThrow();
    expect((await outboxBacklog(sql)).waiting).toBe(1);
  });

  it('has a second drain pass over messages that the first one has locked', async () => {
    await add(message('a'), message('b'), message('c'));
    const { open, opened } = gate();
    const taken: string[][] = [];
    const drain = (limit: number) =>
      drainOutbox(sql, limit, async (rows) => {
        taken.push(rows.map(({ payload }) => payload));
        await opened;
        return positions(rows);
      });
    const first = drain(2);
    await waitFor(() => taken.length === 1);
    const second = drain(10);
    await waitFor(() => taken.length === 2);
    open();
    await Promise.all([first, second]);
    expect(taken).toEqual([['a', 'b'], ['c']]);
    expect((await outboxBacklog(sql)).waiting).toBe(0);
  });

  it('knows how long the oldest message waits', async () => {
    expect(await outboxBacklog(sql)).toEqual({ waiting: 0, oldestAgeSeconds: 0 });
    await add(message('a'));
    await sql`update outbox set created_at = now() - interval '1 minute'`;
    expect((await outboxBacklog(sql)).oldestAgeSeconds).toBeGreaterThanOrEqual(60);
  });

  it('forgets messages that were published long ago, and none that still waits', async () => {
    await add(message('waits'), message('old'), message('new'));
    await sql`
      delete from outbox_waiting w using outbox o where o.position = w.position and o.payload <> 'waits'`;
    await sql`update outbox set created_at = now() - interval '49 hours' where payload <> 'new'`;
    await sql`update outbox set created_at = now() - interval '47 hours' where payload = 'new'`;
    await sql.begin((tx) => claimEvents(tx, 'old', [randomUUID()]));
    await sql`update inbox set received_at = now() - interval '49 hours'`;
    await sql.begin((tx) => claimEvents(tx, 'new', [randomUUID()]));
    await purgeDelivered(sql, 48);
    expect((await sql`select payload from outbox order by 1`).map((row) => row['payload'])).toEqual([
      'new',
      'waits',
    ]);
    expect((await sql`select consumer from inbox`).map((row) => row['consumer'])).toEqual(['new']);
  });
});
