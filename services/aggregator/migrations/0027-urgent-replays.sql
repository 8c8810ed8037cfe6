-- A changed advisory has the package versions that it is about scanned again at once: such replays are urgent, begin before other
-- bulk work, and wait for a package version in flight, which may have been compared with the advisories from before.
alter table replays add column urgent boolean not null default false;
-- All versions of a package.
create index packages_named on packages (regexp_replace(purl, '@[^@]*$', ''));
