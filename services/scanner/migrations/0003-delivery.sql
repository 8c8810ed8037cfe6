-- Inbox and outbox, in the form that libs/postgres works with: facts about advisories go out with the import they tell of.

create table inbox (
  consumer text not null,
  event_id uuid not null,
  received_at timestamptz not null default now(),
  primary key (consumer, event_id)
);

create table outbox (
  position bigint generated always as identity primary key,
  event_id uuid not null unique,
  subject text not null,
  payload text not null,
  headers jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_unpublished on outbox (position) where published_at is null;
