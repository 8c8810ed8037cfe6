-- A batch may be a refresh of a project; earlier ones are of files that were sent.
alter table batches add column project_id uuid;
create index batches_of_project on batches (project_id, submitted_at desc, id desc) where project_id is not null;
