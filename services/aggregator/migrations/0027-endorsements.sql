-- Approvals of people that wait for another person's, where the policy wants two. They count for the assessment that was looked at, until
-- the next decision. Rows are added and never changed.
create table endorsements (
  purl text not null,
  scope text not null,
  assessment_id uuid not null,
  -- Of the decision before.
  sequence integer not null,
  -- Who counts as having approved: a service's owner.
  person text not null,
  by text not null,
  reason text not null,
  until timestamptz,
  at timestamptz not null,
  primary key (purl, scope, assessment_id, sequence, person)
);
