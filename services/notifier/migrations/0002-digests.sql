-- Digests of what waits for a person, and the age of advisories: told by time, not by one event.
alter table notifications add column is_digested boolean not null default false;
create index notifications_to_digest on notifications (occurred_at) where type in ('request.needs-review', 'package.recalled')
  and not is_digested;

create table advisory_sets (
  ecosystem text primary key,
  confirmed_at timestamptz not null,
  -- When it was told that the set is stale.
  told_at timestamptz
);
