-- Whole documents are written and read; what a statement looks into, it may as text. Building `jsonb` and writing it out
-- again was a fifth of what Postgres did for a package version.
alter table assessments alter license type json using license::json, alter download type json using download::json,
  alter scan type json using scan::json, alter verdict type json using verdict::json;
alter table packages alter decision type json using decision::json;

-- The one writer of these tables writes what they refer to in the same transaction, and nothing is ever removed from
-- that. The keys were looked up, and the rows that they refer to locked, row by row: two thirds of adding an item.
alter table items drop constraint items_request_id_fkey;
alter table packages drop constraint packages_assessment_id_fkey;
