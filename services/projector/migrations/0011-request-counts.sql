-- Requests are counted by the states that lists show: a failed one is none that completed, and a cancelled one that has
-- not ended yet is none that is open.
delete from counts where kind = 'requests';
insert into counts
select 'requests', state, count(*) from (
  select case when cancelled_at is not null then 'cancelled' when failure is not null then 'failed'
    when completed_at is not null then 'completed' else 'open' end as state
  from requests
) as requests group by state;
