-- Where late work is looked for, in place of the positions of its facts: the stage whose messages up to the mark are not
-- all settled yet. Null: it is not late.
alter table assessments
  drop column trigger_sequence,
  drop column requested_sequence,
  add column late_mark bigint;
