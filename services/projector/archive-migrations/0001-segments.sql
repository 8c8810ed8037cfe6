-- Where the events are that the stream no longer has. Not a read model: no rebuild makes it again.
create table segments (
  -- As in the checkpoint of the read models: a recreated stream begins a new epoch.
  epoch int not null,
  first_sequence bigint not null,
  last_sequence bigint not null,
  -- Of the file in the artifact store.
  digest text not null,
  size_bytes bigint not null,
  events int not null,
  archived_at timestamptz not null default now(),
  primary key (epoch, first_sequence)
);
