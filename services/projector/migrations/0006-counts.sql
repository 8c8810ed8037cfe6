-- How much there is of everything, kept with what is counted: counting read all of it each time.

create table counts (
  -- What is counted: `requests`, `packages` by state, `outcomes` or `decisions`.
  kind text not null,
  key text not null,
  -- Never 0: what there is none of has no row.
  count int not null,
  primary key (kind, key)
);
insert into counts
select 'requests', 'open', count(*) from requests where completed_at is null having count(*) > 0
union all
select 'requests', 'completed', count(*) from requests where completed_at is not null and cancelled_at is null having count(*) > 0
union all
select 'requests', 'cancelled', count(*) from requests where cancelled_at is not null having count(*) > 0
union all
select 'packages', state, count(*) from packages group by state
union all
select 'outcomes', outcome, count(*) from packages where outcome is not null group by outcome
union all
select 'decisions', coalesce(decision_state, 'none'), count(*) from packages group by decision_state;
