-- What operators hold: a paused stage or host, a drained instance. What stages see of it at the broker is a copy.
create table controls (
  kind text not null check (kind in ('stage', 'host', 'worker')),
  name text not null,
  held_by text not null,
  reason text not null,
  at timestamptz not null,
  -- When an instance was last known to live; a drain ends some time after it.
  seen_at timestamptz not null,
  primary key (kind, name)
);
