-- Which advisories are loaded: an assessment that had none to compare with is not fresh once there are some.
create table advisory_sets (
  ecosystem text primary key,
  record_count int not null
);
