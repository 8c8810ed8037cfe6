-- New package versions of the bulk lane wait as rows, and begin while fewer than `BULK_RUNNING` are in flight. States of an
-- assessment: `waiting` until its turn comes, an interactive request wants it, or it is cancelled; `running` until its
-- evidence is judged, a stage fails, or it is cancelled; `assessed`, `failed` and `cancelled` for good.
alter table assessments drop constraint assessments_state_check;
alter table assessments add constraint assessments_state_check
  check (state in ('waiting', 'running', 'assessed', 'failed', 'cancelled'));

-- A package version is assessed once at a time, whether its turn has come or not.
create unique index assessments_in_flight on assessments (purl) where state in ('waiting', 'running');
drop index assessments_running;
create index assessments_waiting on assessments (requested_at, id) where state = 'waiting';
-- What counts bulk in flight, and what looks for late ones: the latter goes through all that run, every 15 seconds.
create index assessments_running on assessments (lane, deadline_at) where state = 'running';
drop index assessments_late;

-- Replays begin in the same window; nothing reckons their pace any more.
alter table replays drop column paced_at;
