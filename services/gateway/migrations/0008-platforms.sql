-- A submission may be for some platforms only; without any it is for all, as earlier ones are.
alter table submissions add column platforms jsonb not null default '[]';
