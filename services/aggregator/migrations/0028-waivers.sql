-- Waivers: reasons of a package that people have decided to live with until a time. A row is ended early, never taken out.
create table waivers (
  id uuid primary key,
  scope text not null,
  -- A purl without version.
  package text not null,
  -- Comparisons of versions; null for all.
  range text,
  codes text[] not null,
  advisories text[] not null,
  until timestamptz not null,
  reason text not null,
  by_name text not null,
  created_at timestamptz not null,
  ended json
);
create index waivers_of_package on waivers (scope, package) where ended is null;
create index waivers_by_time on waivers (date_trunc('milliseconds', created_at at time zone 'utc'), id);
