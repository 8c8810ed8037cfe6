-- Who asked for a package version that waits for a person: who asked may not decide where the policy says so. Few items
-- are of that outcome, and the index has no others.
create index items_to_review on items (purl) where outcome = 'review';
