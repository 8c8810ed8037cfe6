-- Accepted submissions, so that a repeated Idempotency-Key gets the same answer and a new request can be shown before
-- the read models know it. A file that also made the outbox made this table before.
create table if not exists submissions (
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
