-- The id of the artifact store that all services share. The broker's copy of it is lost with the broker's data.
create table artifact_store (
  only_one boolean primary key default true check (only_one),
  id uuid not null,
  noted_at timestamptz not null default now()
);
