-- Every policy that was in force, by scope: verdicts name its digest, and the document behind a digest stays readable.
create table policies (
  scope text not null,
  version int not null,
  name text not null,
  digest text not null,
  -- As it was understood, with every default.
  document json not null,
  activated_at timestamptz not null,
  primary key (scope, version)
);
