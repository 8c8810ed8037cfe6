-- Advisories, as far as matching needs them. One transaction replaces a whole set, so that readers see the set from
-- before or the one from after; rows that did not change are left alone, because most of them never do.

create table advisory_sets (
  -- As OSV writes it: npm, PyPI.
  ecosystem text primary key,
  -- Digest of the records; evidence names it as what was matched against.
  version text not null,
  source text not null,
  record_count int not null,
  imported_at timestamptz not null default now()
);

create table advisories (
  ecosystem text not null,
  -- Normalised as the ecosystem compares names.
  package text not null,
  id text not null,
  -- Ranges and versions of this package, severity, aliases, summary. See src/advisories/advisory-record.ts.
  record jsonb not null,
  primary key (ecosystem, package, id)
);

-- How the last refresh from the source went, and what to ask the source with next time.
create table advisory_refreshes (
  ecosystem text primary key,
  source text not null,
  result text not null check (result in ('imported', 'unchanged', 'failed')),
  detail text,
  failures int not null default 0,
  etag text,
  last_modified text,
  checked_at timestamptz not null
);
