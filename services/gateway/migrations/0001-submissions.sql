-- What was accepted, so that a repeated Idempotency-Key gets the same answer and a new request can be shown before
-- the read models know it.
create table submissions (
  id uuid primary key,
  idempotency_key text unique,
  -- Digest of the body and the parameters: the same key with something else is a conflict.
  fingerprint text not null,
  lane text not null,
  requester text not null,
  labels jsonb not null,
  format text not null,
  filename text,
  item_count int not null,
  entry_count int not null,
  trace_id text,
  submitted_at timestamptz not null
);

create table outbox (
  position bigint generated always as identity primary key,
  event_id uuid not null unique,
  subject text not null,
  payload text not null,
  headers jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_unpublished on outbox (position) where published_at is null;

-- The gateway consumes nothing; the table is there for what cleans up both.
create table inbox (
  consumer text not null,
  event_id uuid not null,
  received_at timestamptz not null default now(),
  primary key (consumer, event_id)
);
