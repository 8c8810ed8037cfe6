-- Who did what, in the order of the stream. Each entry's hash holds the one before: an entry that is taken out, put in or
-- changed later shows.
create table audit (
  position bigint primary key,
  event_id uuid not null unique,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  outcome text not null,
  detail json not null,
  service text not null,
  trace_id text,
  hash text not null
);
create index audit_by_actor on audit (actor, position);
create index audit_by_subject on audit (subject, position);
create index audit_by_action on audit (action, position);
alter table audit alter detail set statistics 0;
