-- Who approved until a time that has come may approve again.
alter table endorsements drop constraint endorsements_pkey,
  add primary key (purl, scope, assessment_id, sequence, person, at);
