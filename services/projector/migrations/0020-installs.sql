-- Who was sent archives of a package version through the gate, and when.
create table installs (
  purl text not null,
  scope text not null,
  principal_id text not null,
  principal text not null,
  client text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (purl, scope, principal_id)
);
create index installs_by_time on installs (last_at, purl, scope, principal_id);
create index installs_by_principal on installs (principal, last_at);
