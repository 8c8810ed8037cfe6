-- A request whose failed items are tried again is opened again; what happens then is told from what happened before.
alter table requests add column round int not null default 1;
create index items_failed on items (purl) where outcome = 'failed';
create index assessments_failed on assessments ((failure ->> 'code')) where state = 'failed';
