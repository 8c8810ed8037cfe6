-- The key that signed the first files of a namespace that were ever assessed. It stays the first: files that another one
-- signed wait for somebody to confirm the change. Registries of other kinds sign themselves and have no row here.
create table signing_keys (
  -- The purl of a package version without its last part: pkg:terraform/registry.example/acme.
  namespace text primary key,
  -- Fingerprint in capitals.
  key text not null,
  -- The package version that it was first seen with.
  purl text not null,
  first_seen_at timestamptz not null default now()
);
