-- A request whose message the broker lost is published again, also when the outbox no longer has it: the submission
-- knows its list, and whether the aggregator has taken it in. Earlier submissions have no list here and are left alone.
alter table submissions add column list_digest text;
alter table submissions add column taken_in_at timestamptz;
create index submissions_not_taken_in on submissions (submitted_at)
  where taken_in_at is null and list_digest is not null;
