-- The audit also has acts that were denied; all that were recorded before were done.
alter table audit add column outcome text not null default 'done' check (outcome in ('done', 'denied'));
