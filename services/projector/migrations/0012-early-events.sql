-- Events of requests whose submission is not in the stream yet: two services publish again, each at its own pace, after
-- the broker lost data.
create table early_events (
  request_id uuid not null,
  position bigint not null,
  sequence bigint not null,
  trace_id text,
  event json not null,
  primary key (request_id, position)
);
