-- Requests may be cancelled, and opened again for another round.
alter table requests add column cancelled_at timestamptz;
alter table requests add column round int not null default 1;
