-- Results of the archive scan by content: the same bytes under the same rules are not scanned again. The whole report is
-- in the artifact store.

create table scan_reports (
  artifact_digest text not null,
  rules_version text not null,
  report_digest text not null,
  -- Enough to list scans without opening reports.
  summary jsonb not null,
  scanned_at timestamptz not null default now(),
  primary key (artifact_digest, rules_version)
);
