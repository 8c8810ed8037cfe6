-- Batches and their files. Every column but the key may be unknown: which of a batch's events comes first does not matter.
create table batches (
  id uuid primary key,
  lane text not null,
  scope text not null,
  requester text,
  labels jsonb,
  platforms jsonb,
  filename text,
  upload_kind text,
  submitted_at timestamptz,
  opening int not null default 0,
  opened_at timestamptz,
  file_count int,
  request_count int,
  refused_count int,
  ignored_count int,
  round int not null default 1,
  completed_round int not null default 0,
  completed_at timestamptz,
  cancelled_at timestamptz,
  failure jsonb,
  trace_id text,
  position bigint
);
create index batches_newest on batches (submitted_at desc, id desc);
create index batches_by_requester on batches (requester, submitted_at desc, id desc);
create index batches_cancelled on batches (submitted_at desc, id desc) where cancelled_at is not null;
create index batches_failed on batches (submitted_at desc, id desc) where failure is not null;
create index batches_open on batches (submitted_at desc, id desc) where completed_at is null and cancelled_at is null;

create table batch_files (
  batch_id uuid not null,
  ordinal int not null,
  path text not null,
  size_bytes bigint,
  result text not null,
  request_id uuid,
  format text,
  reason jsonb,
  primary key (batch_id, ordinal)
);

alter table requests add column batch_id uuid;
create index requests_of_batch on requests (batch_id, submitted_at desc, id desc) where batch_id is not null;
