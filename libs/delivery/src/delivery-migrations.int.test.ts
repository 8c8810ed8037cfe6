import { randomUUID } from 'node:crypto';
import { migrate } from '@sluice/postgres';
import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { deliveryMigrations } from './delivery-migrations.ts';
import { claimEvents } from './inbox/inbox.ts';
import { addToOutbox, drainOutbox } from './outbox/outbox.ts';

const postgres = await testPostgres();
const sql = postgres.connect('service');

/** The tables as the migrations of each service made them, before there was one set. */
const earlierTables = `
  create table inbox (
    consumer text not null, event_id uuid not null, received_at timestamptz not null default now(),
    primary key (consumer, event_id));
  create table outbox (
    position bigint generated always as identity primary key, event_id uuid not null unique, subject text not null,
    payload text not null, headers jsonb not null, created_at timestamptz not null default now());
  create table outbox_waiting (position bigint primary key);
  create table stream_watch (watcher text primary key, identity text, last_sequence bigint not null);`;

const message = (payload: string) => ({
  eventId: randomUUID(),
  subject: 'pkg.requested.bulk',
  payload,
  headers: {},
});

it('a database whose tables were made by the services goes on with all that is in them', async () => {
  await sql`create schema service`;
  await sql.unsafe(earlierTables);
  const claimed = randomUUID();
  await sql.begin((tx) => addToOutbox(tx, [message('before')]));
  await sql.begin((tx) => claimEvents(tx, 'one', [claimed]));
  await sql`insert into stream_watch values ('reader', 'a-stream', 7)`;

  expect(await migrate(sql, deliveryMigrations('service'))).toEqual(['0001-delivery-tables.sql']);
  expect(await migrate(sql, deliveryMigrations('service'))).toEqual([]);

  await sql.begin((tx) => addToOutbox(tx, [message('after')]));
  const published: string[] = [];
  await drainOutbox(sql, 10, async (rows) => {
    published.push(...rows.map(({ payload }) => payload));
    return rows.map(({ position }) => position);
  });
  expect(published).toEqual(['before', 'after']);
  expect(await sql.begin((tx) => claimEvents(tx, 'one', [claimed]))).toEqual(new Set());
  expect(await sql`select * from stream_watch`).toEqual([
    { watcher: 'reader', identity: 'a-stream', last_sequence: 7 },
  ]);
});
