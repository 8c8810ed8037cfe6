-- The tables of delivery, in the schema of each service with state. Services made them by migrations of their own before
-- they were one set: a table that exists is left as it is.

-- Outgoing messages, kept for some time after they were published.
create table if not exists outbox (
  position bigint generated always as identity primary key,
  event_id uuid not null unique,
  subject text not null,
  payload text not null,
  headers jsonb not null,
  created_at timestamptz not null default now()
);
-- No statement looks for a message by its body; statistics of it were a quarter of the work of ANALYZE.
alter table outbox alter payload set statistics 0, alter headers set statistics 0;

-- Positions of the messages that wait to be published: marking one as published writes no message anew.
create table if not exists outbox_waiting (position bigint primary key);

-- Events that a consumer has had its effect of.
create table if not exists inbox (
  consumer text not null,
  event_id uuid not null,
  received_at timestamptz not null default now(),
  primary key (consumer, event_id)
);

-- The stream of the broker that a watcher knew last, and how far: another one, or a shorter one, means that the broker lost data.
create table if not exists stream_watch (
  watcher text primary key,
  identity text,
  last_sequence bigint not null
);
