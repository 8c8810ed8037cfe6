-- Who ever asked for a package version, or for any version of a package: who asked may neither approve nor waive where the policy says
-- so, whatever became of it. By bytes, so that the versions of a package are one range in any collation.
create index items_of_package on items (purl text_pattern_ops);
