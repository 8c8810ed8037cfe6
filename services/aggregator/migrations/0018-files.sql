-- A package version has files. The registry's statements are evidence of their own, apart from the license; downloads and
-- scans have an entry for each file. Until now there was one, npm's archive, which is named after the version.
alter table assessments add column registry json;
alter table assessments alter registry set statistics 0;

create function pg_temp.stated_hashes(dist json) returns json language plpgsql as $$
begin
  return coalesce(
    (select json_agg(json_build_object('algorithm', split_part(hash, '-', 1),
        'hex', encode(decode(split_part(split_part(hash, '-', 2), '?', 1), 'base64'), 'hex')))
      from regexp_split_to_table(dist ->> 'integrity', '\s+') as hash
      where hash ~ '^(sha512|sha384|sha256|sha1)-[A-Za-z0-9+/]+={0,2}'),
    case when dist ->> 'shasum' ~* '^[0-9a-f]{40}$'
      then json_build_array(json_build_object('algorithm', 'sha1', 'hex', lower(dist ->> 'shasum'))) end,
    '[]');
exception when others then
  return '[]';
end $$;

create function pg_temp.archive_of(purl text) returns text language sql as $$
  select replace(regexp_replace(purl, '^.*/([^/@]+)@([^@]+)$', '\1-\2.tgz'), '%2B', '+') $$;

update assessments set
  registry = json_build_object(
    'publishedAt', license -> 'publishedAt', 'firstSeenAt', null,
    'withdrawn', case when license ->> 'deprecated' is not null
      then json_build_object('how', 'deprecated', 'reason', license -> 'deprecated') end,
    'repositoryUrl', license -> 'repositoryUrl', 'publisher', null,
    'runsAtInstall', license -> 'installScripts', 'previousRanAtInstall', license -> 'previousHadInstallScripts',
    'files', json_build_array(json_build_object(
      'file', pg_temp.archive_of(purl), 'kind', 'tarball', 'platform', null,
      'url', license -> 'dist' -> 'tarballUrl', 'sizeBytes', null, 'hashes', pg_temp.stated_hashes(license -> 'dist'))),
    'filesDigest', null, 'metadataDigest', license -> 'metadataDigest', 'producer', license -> 'producer'),
  license = json_build_object(
    'declared', license -> 'declared', 'declaredForm', license -> 'declaredForm', 'expression', license -> 'expression',
    'confidence', license -> 'confidence', 'producer', license -> 'producer'),
  download = case when download is not null then json_build_object(
    'files', json_build_array((download::jsonb - 'producer') || jsonb_build_object(
      'file', pg_temp.archive_of(purl), 'kind', 'tarball', 'platform', null)),
    'producer', download -> 'producer') end,
  scan = case when scan is not null then json_build_object(
    'files', json_build_array((scan::jsonb - '{advisories,licenseAgreement,producer}'::text[]) || jsonb_build_object(
      'file', pg_temp.archive_of(purl))),
    'advisories', scan -> 'advisories', 'licenseAgreement', scan -> 'licenseAgreement', 'producer', scan -> 'producer') end
where license is not null and license -> 'dist' is not null;

-- The first bytes of each file that were ever assessed. They stay the first, whatever comes later.
create table package_files (
  purl text not null,
  file text not null,
  sha512 text not null,
  first_assessed_at timestamptz not null default now(),
  primary key (purl, file)
);
insert into package_files (purl, file, sha512, first_assessed_at)
select purl, pg_temp.archive_of(purl), first_sha512, coalesce(assessed_at, now()) from packages where first_sha512 is not null;
alter table packages drop column first_sha512;
