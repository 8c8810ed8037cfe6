-- Requests, items, assessments and decisions: the source of truth.
-- Columns that are updated with every fact are kept out of indexes, so that updates stay cheap.

create table requests (
  id uuid primary key,
  lane text not null check (lane in ('interactive', 'bulk')),
  requester text not null,
  state text not null default 'open' check (state in ('open', 'completed', 'cancelled')),
  item_count int not null,
  open_items int not null,
  counts jsonb not null default '{}',
  traceparent text,
  submitted_at timestamptz not null,
  completed_at timestamptz
);

-- One package version and pin of one request. `outcome` is null until it ended.
create table items (
  request_id uuid not null references requests (id) on delete cascade,
  ordinal int not null,
  purl text,
  integrity text,
  outcome text check (outcome in ('approve', 'review', 'reject', 'failed', 'cancelled', 'unassessable')),
  assessment_id uuid,
  ended_at timestamptz,
  primary key (request_id, ordinal)
);
-- Who waits for this package version?
create index items_waiting on items (purl) where outcome is null;

create table assessments (
  id uuid primary key,
  purl text not null,
  lane text not null check (lane in ('interactive', 'bulk')),
  attempt int not null default 1,
  state text not null default 'running' check (state in ('running', 'assessed', 'failed', 'cancelled')),
  -- The stage whose fact is awaited, and where in the stream the fact stands that set it to work.
  stage text not null default 'license' check (stage in ('license', 'download', 'scan')),
  trigger_sequence bigint,
  license jsonb,
  download jsonb,
  scan jsonb,
  verdict jsonb,
  failure jsonb,
  traceparent text not null,
  requested_at timestamptz not null,
  deadline_at timestamptz not null,
  ended_at timestamptz
);
-- A package version is assessed once at a time, however many requests contain it.
create unique index assessments_running on assessments (purl) where state = 'running';
create index assessments_late on assessments (deadline_at) where state = 'running';

-- What holds for a package version now.
create table packages (
  purl text primary key,
  assessment_id uuid references assessments (id),
  assessed_at timestamptz,
  decision jsonb,
  decision_sequence int not null default 0
);

-- Every decision ever made, by whom and why.
create table decisions (
  purl text not null,
  sequence int not null,
  assessment_id uuid not null,
  state text not null check (state in ('approved', 'rejected', 'recalled')),
  by_kind text not null check (by_kind in ('policy', 'person')),
  by_name text not null,
  reason text not null,
  at timestamptz not null,
  until timestamptz,
  primary key (purl, sequence)
);

-- What people did, each row written in the transaction of what it tells of.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null
);
create index audit_subject on audit (subject, at);
