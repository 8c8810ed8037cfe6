-- What was put right once in data of earlier versions, so that it is not looked for again.
create table mends (
  name text primary key,
  mended_at timestamptz not null default now()
);
