-- What waits to be published is a table of positions: publishing a message no longer writes the message anew, and
-- three index entries with it.
create table outbox_waiting (position bigint primary key);
insert into outbox_waiting select position from outbox where published_at is null;
drop index outbox_unpublished;
alter table outbox drop column published_at;
