-- People who sign in by OpenID Connect, and what that leaves: sign-ins that were begun, and sessions. Of what browsers and
-- command lines show, only digests are kept.
create table people (
  id uuid primary key,
  -- Who vouches for the person, and as whom: this pair is the person, whatever the name becomes.
  issuer text not null,
  subject text not null,
  -- From the first sign-in on: acts are recorded under it, so that it changes no more and is nobody else's.
  name text not null unique,
  -- Roles for all scopes beside those of the groups.
  granted_roles text[] not null default '{}',
  first_at timestamptz not null,
  last_at timestamptz not null,
  unique (issuer, subject)
);

create table begun_sign_ins (
  -- SHA-256 of the cookie of the browser where it began.
  digest text primary key,
  state text not null,
  nonce text not null,
  code_verifier text not null,
  return_path text not null,
  expires_at timestamptz not null
);
create index begun_sign_ins_by_end on begun_sign_ins (expires_at);

create table sessions (
  -- SHA-256 of the cookie, or of the token of a command line.
  digest text primary key,
  id uuid not null unique,
  kind text not null check (kind in ('browser', 'command')),
  person uuid not null references people (id),
  -- [{roles, scopes}], as they were at the sign-in.
  grants jsonb not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  address text,
  user_agent text
);
create index sessions_of_person on sessions (person, created_at desc, id desc);
create index sessions_by_end on sessions (expires_at);
