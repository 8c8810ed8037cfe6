-- Where a package version stands in its stage's queue, and items and requests that are tried again in rounds.

-- Position of the event that set the awaited stage to work: the order of the stage's queue. No index: it would be
-- written with every stage, and what runs is found by its state.
alter table packages add column stage_position bigint;

-- An item's own round: facts of earlier rounds may come after the item was opened again, and must not end it.
alter table request_items add column round int not null default 1;
-- The round that was completed last. The completion of a round may be told before its opening.
alter table requests add column completed_round int not null default 0;
update requests set completed_round = round where completed_at is not null;

-- Failed tries are few among events, and shown with every package version.
create index timeline_failed_tries on timeline (subject, position) where type in ('pkg.attempt-failed', 'pkg.failed');

-- When a set of advisories was last known to be the newest: a refresh that failed does not make it any newer.
alter table advisory_sets add column confirmed_at timestamptz;
update advisory_sets set confirmed_at = coalesce(case when result <> 'failed' then checked_at end, imported_at);
