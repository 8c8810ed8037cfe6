-- Read models: everything here can be dropped and filled again from the event stream.
-- Names are unqualified: a rebuild applies the same file to a schema beside the live one.

create table checkpoint (
  id int primary key default 1 check (id = 1),
  -- Identity of the stream that was read: a recreated stream starts a new epoch.
  stream_identity text,
  epoch int not null default 0,
  sequence bigint not null default 0,
  updated_at timestamptz not null default now()
);
insert into checkpoint default values;

create table requests (
  id uuid primary key,
  lane text not null,
  requester text not null,
  labels jsonb not null,
  format text not null,
  filename text,
  item_count int not null,
  entry_count int not null,
  ended_items int not null default 0,
  counts jsonb not null default '{}',
  submitted_at timestamptz not null,
  completed_at timestamptz,
  trace_id text,
  position bigint not null
);
create index requests_newest on requests (submitted_at desc, id desc);
create index requests_by_requester on requests (requester, submitted_at desc, id desc);
create index requests_open on requests (submitted_at desc, id desc) where completed_at is null;

create table request_items (
  request_id uuid not null,
  ordinal int not null,
  purl text,
  name text not null,
  version text,
  integrity text,
  paths jsonb not null,
  path_count int not null,
  flags jsonb not null,
  notes jsonb not null,
  unassessable jsonb,
  outcome text,
  reasons jsonb,
  assessment_id uuid,
  ended_at timestamptz,
  primary key (request_id, ordinal)
);
create index request_items_by_purl on request_items (request_id, purl);
create index request_items_by_outcome on request_items (request_id, outcome, ordinal);
create index request_items_of_package on request_items (purl);

create table packages (
  purl text primary key,
  state text not null,
  stage text,
  assessment_id uuid,
  attempt int not null,
  lane text not null,
  requested_at timestamptz,
  ended_at timestamptz,
  verdict jsonb,
  outcome text,
  decision jsonb,
  decision_state text,
  failure jsonb,
  last_error jsonb,
  trace_id text,
  position bigint not null
);
create index packages_by_outcome on packages (outcome, purl);
create index packages_by_state on packages (state, purl);
create index packages_by_decision on packages (decision_state, purl);

-- Large and never needed to apply an event, hence apart.
create table package_evidence (
  purl text primary key,
  license jsonb,
  download jsonb,
  scan jsonb
);

create table timeline (
  -- Epoch and stream sequence in one number: the order of everything that ever happened.
  position bigint primary key,
  event_id uuid not null unique,
  sequence bigint not null,
  subject text not null,
  type text not null,
  at timestamptz not null,
  trace_id text,
  data jsonb not null
);
create index timeline_of_subject on timeline (subject, position);

create table advisory_sets (
  ecosystem text primary key,
  result text not null,
  detail text,
  version text,
  record_count int not null,
  source text not null,
  imported_at timestamptz,
  checked_at timestamptz not null
);
