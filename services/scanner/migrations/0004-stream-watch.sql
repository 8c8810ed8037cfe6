-- Which stream of the broker was known last, and how far: another one, or a shorter one, means that the broker lost data.
create table stream_watch (
  watcher text primary key,
  identity text,
  last_sequence bigint not null
);
