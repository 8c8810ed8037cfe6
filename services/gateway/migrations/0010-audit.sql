-- Acts of the gateway itself, such as keys that are made, and acts that it denied. The aggregator has a table of the same
-- form for those that it carries out.
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
