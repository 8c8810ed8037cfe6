-- Verdicts and decisions belong to a scope, evidence to all. A row of `packages` is a package version in a scope; all that
-- was there is of the scope `default`.
alter table requests add column scope text not null default 'default';
-- With the item, so that the ends of items need no look at their requests.
alter table items add column scope text not null default 'default';

create table verdicts (
  assessment_id uuid not null,
  scope text not null default 'default',
  verdict json not null,
  primary key (assessment_id, scope)
);
alter table verdicts alter verdict set statistics 0;
insert into verdicts (assessment_id, verdict) select id, verdict from assessments where verdict is not null;
-- When a package version was assessed is when its assessment ended.
update assessments a set ended_at = p.assessed_at from packages p where p.assessment_id = a.id and a.ended_at is null;
alter table assessments drop column verdict;

-- `assessment_id` is the assessment that was judged last in the scope; null while there is none.
alter table packages add column scope text not null default 'default', drop column assessed_at;
alter table packages drop constraint packages_pkey, add primary key (purl, scope);

alter table decisions add column scope text not null default 'default';
alter table decisions drop constraint decisions_pkey, add primary key (purl, scope, sequence);
