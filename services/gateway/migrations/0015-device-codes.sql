-- Command lines that wait for a person to approve them (RFC 8628), and how much of a quota is used.
create table device_codes (
  -- SHA-256 of the code that the command line keeps for itself.
  digest text primary key,
  -- The code that the person types.
  user_code text not null unique,
  state text not null check (state in ('pending', 'approved', 'denied', 'used')),
  -- Seconds between two polls; it grows with each one that comes too early.
  interval_seconds integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  polled_at timestamptz,
  address text,
  client text,
  -- Who approved it, with the rights of that one's session.
  person uuid references people (id),
  grants jsonb
);
create index device_codes_by_end on device_codes (expires_at);

create table quotas (
  -- Of what, and whose.
  key text primary key,
  used integer not null,
  -- When the window ends, and the next one begins unused.
  resets_at timestamptz not null
);
create index quotas_by_end on quotas (resets_at);
