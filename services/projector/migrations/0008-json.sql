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
