-- Keys that programs and people show to the API. Of a key only its digest is kept. A key that ended stays, so that the
-- acts under it can be looked up.
create table api_keys (
  id text primary key,
  -- SHA-256 of the whole key.
  digest text not null,
  -- Whose key it is: two keys of one holder are one and the same to the audit.
  name text not null,
  kind text not null check (kind in ('person', 'service')),
  roles text[] not null check (cardinality(roles) > 0),
  -- Scopes that the key may act in; null for all.
  scopes text[],
  created_at timestamptz not null,
  created_by text not null,
  reason text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by text,
  revoked_reason text,
  last_used_at timestamptz
);

create index api_keys_newest on api_keys (created_at desc, id desc);
