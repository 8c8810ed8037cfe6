-- A request may be for some platforms only, and items say theirs where their lockfile does. Earlier requests are for all.
alter table requests add column platforms jsonb not null default '[]';
alter table request_items add column platforms json;
-- Neither is searched for: their statistics would only cost.
alter table requests alter platforms set statistics 0;
alter table request_items alter platforms set statistics 0;
