-- Accepted batches, as `submissions` are: repeated keys get the same answer, lists show what is new, and a message that the broker
-- lost is published again. Requests that are part of a batch are accepted by the importer, in a table of the same columns.
create table batches (
  id uuid primary key,
  idempotency_key text,
  fingerprint text not null,
  lane text not null,
  scope text not null,
  requester text not null,
  labels jsonb not null,
  platforms jsonb not null,
  filename text,
  -- Kind and digest of the submitted bytes.
  upload jsonb not null,
  trace_id text,
  submitted_at timestamptz not null,
  taken_in_at timestamptz,
  unique (requester, idempotency_key)
);
create index batches_not_taken_in on batches (submitted_at, id) where taken_in_at is null;
create index batches_newest on batches (submitted_at desc, id desc);

alter table submissions add column batch_id uuid;
