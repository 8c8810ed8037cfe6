-- A bundled package that no registry has is part of another package version and has the outcome of that one.
alter table request_items add column follows text;
