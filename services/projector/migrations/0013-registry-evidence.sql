-- The registry's statements are apart from the license. Evidence that is there keeps its form until the package version is
-- assessed again, or the read models are rebuilt.
alter table package_evidence add column registry json;
alter table package_evidence alter registry set statistics 0;
