-- Batches whose files were read, and the requests that they became: what was told of them, so that a message that the broker lost
-- is published again, and so that a batch is opened once.
create table batches (
  id uuid primary key,
  opening int not null,
  -- Data of the last `batch.opened`.
  opened jsonb not null,
  submitted_at timestamptz not null default now(),
  taken_in_at timestamptz
);
create index batches_not_taken_in on batches (submitted_at, id) where taken_in_at is null;

-- Columns as in the gateway's schema; see libs/submissions.
create table submissions (
  id uuid primary key,
  batch_id uuid not null,
  lane text not null,
  scope text not null,
  requester text not null,
  labels jsonb not null,
  platforms jsonb not null,
  format text not null,
  filename text not null,
  item_count int not null,
  entry_count int not null,
  list_digest text not null,
  submitted_at timestamptz not null,
  taken_in_at timestamptz
);
create index submissions_not_taken_in on submissions (submitted_at, id) where taken_in_at is null;
