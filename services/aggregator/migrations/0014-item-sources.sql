-- Where a lockfile has an item from is judged with the item: notes that the policy has an outcome for, null when there are
-- none, and the package version whose archive holds it.
alter table items add column notes json, add column bundled_in text;
alter table items alter notes set statistics 0;
