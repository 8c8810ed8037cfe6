-- What people are told of, to whom, and how it went.
create table webhooks (
  id uuid primary key,
  name text not null unique,
  -- Null for what belongs to any scope, and to none.
  scope text,
  format text not null,
  -- Empty for all.
  types jsonb not null,
  -- Addresses may hold secrets, too; sealed with SECRETS_KEY.
  sealed_url text not null,
  shown_url text not null,
  sealed_secret text,
  sealed_previous text,
  previous_until timestamptz,
  disabled_at timestamptz,
  disabled_code text,
  disabled_detail text,
  -- Events that occurred before are not sent: a stream that is read again tells nobody anew.
  armed_at timestamptz not null,
  -- In a row.
  failures int not null default 0,
  failing_since timestamptz,
  paused_until timestamptz,
  last_delivered_at timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  changed_at timestamptz not null
);

-- Public events, kept for a time so that they can be sent again. It is the inbox as well: an event is told of once.
create table notifications (
  id uuid primary key,
  type text not null,
  scope text,
  subject text not null,
  occurred_at timestamptz not null,
  sequence bigint,
  data jsonb not null
);
create index notifications_by_time on notifications (occurred_at, id);

create table deliveries (
  -- Made of both ids: the same message has the same `webhook-id`, however often it is sent.
  id uuid primary key,
  webhook_id uuid not null references webhooks (id) on delete cascade,
  notification_id uuid not null references notifications (id) on delete cascade,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  tries int not null default 0,
  -- Failures since it was last sent by hand, which say when the next try is.
  failed_tries int not null default 0,
  -- While a notifier sends it, when another one may take it over.
  due_at timestamptz not null,
  lease uuid,
  created_at timestamptz not null,
  ended_at timestamptz,
  last_status int,
  last_error text
);
create index deliveries_due on deliveries (webhook_id, due_at) where state = 'waiting';
create index deliveries_newest on deliveries (webhook_id, created_at desc, id desc);
create index deliveries_of_notification on deliveries (notification_id);

create table tries (
  delivery_id uuid not null references deliveries (id) on delete cascade,
  number int not null,
  at timestamptz not null,
  duration_ms int not null,
  status int,
  error text,
  response text,
  primary key (delivery_id, number)
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  outcome text not null check (outcome in ('done', 'denied')),
  detail jsonb not null
);
create index audit_subject on audit (subject, at);
