-- Requests that were submitted at once are a batch. Its end is derived from the ends of its requests, in the transaction that
-- ends the last one: a row is there before any of its requests ends, so that those transactions wait for each other.
create table batches (
  id uuid primary key,
  lane text not null check (lane in ('interactive', 'bulk')),
  scope text not null,
  state text not null default 'opening' check (state in ('opening', 'open', 'completed', 'cancelled', 'failed')),
  -- Which `batch.opened` counts, from 1; 0 before the first.
  opening int not null default 0,
  -- Null until its files were read.
  request_count int,
  round int not null default 1,
  traceparent text,
  completed_at timestamptz,
  cancelled_by text,
  cancel_reason text
);
-- Those whose requests may still have to be cancelled.
create index batches_cancelled on batches (id) where state = 'cancelled' and completed_at is null;

alter table requests add column batch_id uuid;
create index requests_of_batch on requests (batch_id) where batch_id is not null;
