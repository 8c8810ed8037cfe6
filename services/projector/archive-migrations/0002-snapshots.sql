-- Read models as they stood at an event, for when events before it are gone for good.
create table snapshots (
  epoch int not null,
  -- The last event that they show.
  sequence bigint not null,
  -- The newest migration of the read models that they were written with.
  migration text not null,
  -- Of the file in the artifact store.
  digest text not null,
  taken_at timestamptz not null default now(),
  primary key (epoch, sequence)
);
