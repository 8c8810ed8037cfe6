-- Stages that run again over what was assessed before: what is still to begin, and which assessments came of it.
create table replays (
  id uuid primary key,
  stage text not null check (stage in ('license', 'download', 'scan')),
  filter jsonb not null,
  by_name text not null,
  reason text not null,
  -- `starting` while package versions wait in replay_packages.
  state text not null default 'starting' check (state in ('starting', 'started')),
  total int not null default 0,
  -- In flight already when their turn came: that assessment counts for both.
  joined int not null default 0,
  -- What was begun so far is paced from here.
  paced_at timestamptz not null,
  created_at timestamptz not null
);
create index replays_starting on replays (created_at) where state = 'starting';

-- The queue of a replay; a row goes when its assessment begins.
create table replay_packages (
  replay_id uuid not null references replays (id) on delete cascade,
  ordinal int not null,
  purl text not null,
  primary key (replay_id, ordinal)
);

alter table assessments add column replay_id uuid;
create index assessments_replayed on assessments (replay_id, state) where replay_id is not null;
