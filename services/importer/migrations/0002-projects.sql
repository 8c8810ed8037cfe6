-- Projects and their refreshes. A refresh is a batch of the same id, so that its requests, its end, its report, its cancel and its
-- retry are those of a batch.
create table projects (
  id uuid primary key,
  name text not null,
  scope text not null,
  lane text not null check (lane in ('interactive', 'bulk')),
  labels jsonb not null,
  git text not null,
  ref text not null,
  paths jsonb not null,
  plan jsonb not null,
  -- Name of a credential; the secret itself is in a file of the operator's.
  credential text,
  schedule text,
  -- Counts the secrets of its webhook; 0 before the first.
  hook_round int not null default 0,
  created_at timestamptz not null,
  created_by text not null,
  changed_at timestamptz not null,
  archived_at timestamptz,
  -- When its schedule has it refreshed next.
  scheduled_at timestamptz,
  -- When a push is followed that came during a refresh, or beyond the quota.
  again_at timestamptz,
  again_by text
);
create unique index projects_by_name on projects (scope, name) where archived_at is null;
create index projects_scheduled on projects (scheduled_at) where scheduled_at is not null and archived_at is null;
create index projects_again on projects (again_at) where again_at is not null and archived_at is null;
create index projects_of_creator on projects (created_by, created_at);

create table refreshes (
  id uuid primary key,
  project_id uuid not null references projects (id),
  cause text not null check (cause in ('manual', 'schedule', 'webhook')),
  requested_by text not null,
  reason text not null,
  -- Whether the quota counts it.
  is_counted boolean not null,
  requested_at timestamptz not null,
  state text not null default 'queued' check (state in ('queued', 'open', 'completed', 'failed', 'cancelled')),
  -- What is read: a project may be changed between two refreshes.
  source jsonb not null,
  -- The last completed one before it, and what that one had.
  previous_id uuid,
  from_commit text,
  counts_before jsonb,
  to_commit text,
  is_unchanged boolean not null default false,
  stands_on uuid,
  request_count int,
  counts jsonb,
  failure jsonb,
  -- When an importer that reads the repository last said so.
  read_at timestamptz,
  opened_at timestamptz,
  ended_at timestamptz,
  inventory jsonb,
  plan jsonb,
  -- The aggregator knows its batch.
  taken_in_at timestamptz
);
-- Two refreshes of a project at once are one.
create unique index refreshes_in_flight on refreshes (project_id) where ended_at is null;
create index refreshes_newest on refreshes (project_id, requested_at desc, id desc);
create index refreshes_not_taken_in on refreshes (requested_at, id) where taken_in_at is null;
create index refreshes_queued on refreshes (requested_at, id) where state = 'queued';

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  outcome text not null check (outcome in ('done', 'denied')),
  detail jsonb not null
);
create index audit_subject on audit (subject, at);
