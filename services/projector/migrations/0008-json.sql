-- Whole documents are written and shown; what a query looks into, it may as text. Building `jsonb` and writing it out
-- again was work for every event.
alter table packages alter verdict type json using verdict::json, alter decision type json using decision::json,
  alter failure type json using failure::json, alter last_error type json using last_error::json;
alter table package_evidence alter license type json using license::json,
  alter download type json using download::json, alter scan type json using scan::json;
alter table timeline alter data type json using data::json;

-- The rows of a page are mostly written together: with room for another version of each, stages that go by need no new
-- entries in five indexes. Verdicts fill the room.
alter table packages set (fillfactor = 45);

alter table request_items alter paths type json using paths::json, alter flags type json using flags::json,
  alter notes type json using notes::json, alter unassessable type json using unassessable::json;
-- One index for the items of a package version, in a request and in all: each is a fifth of adding an item.
create index request_items_by_package on request_items (purl, request_id);
drop index request_items_by_purl, request_items_of_package;
