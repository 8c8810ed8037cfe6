-- Verdicts and decisions belong to a scope, the run of an assessment to all. All that was there is of the scope `default`.
alter table requests add column scope text not null default 'default';
create index requests_by_scope on requests (scope, submitted_at desc, id desc);

-- A package version in a scope: there is a row once it has a verdict or a decision there.
create table package_scopes (
  scope text not null default 'default',
  purl text not null,
  verdict json,
  outcome text,
  decision json,
  decision_state text,
  primary key (scope, purl)
) with (fillfactor = 80);
alter table package_scopes alter verdict set statistics 0, alter decision set statistics 0;
insert into package_scopes (purl, verdict, outcome, decision, decision_state)
select purl, verdict, outcome, decision, decision_state from packages where verdict is not null or decision is not null;
create index package_scopes_by_outcome on package_scopes (scope, outcome, purl);
create index package_scopes_by_decision on package_scopes (scope, decision_state, purl);
-- What waits for a person, and decisions that ended: few among all.
create index package_scopes_waiting on package_scopes (scope, outcome, purl) where decision_state is null and outcome is not null;
create index package_scopes_decision_ended on package_scopes (scope, purl) where decision_state is null and decision is not null;
-- The indexes of these columns go with them.
alter table packages drop column verdict, drop column outcome, drop column decision, drop column decision_state;

-- Of all scopes is what has an empty one: runs of assessments. Without a decision are those that have a verdict and none.
alter table counts add column scope text not null default '';
alter table counts drop constraint counts_pkey, add primary key (kind, scope, key);
update counts set scope = 'default' where kind <> 'packages';
delete from counts where kind = 'decisions' and key = 'none';
insert into counts (kind, scope, key, count)
select 'decisions', scope, 'none', count(*) from package_scopes where decision_state is null group by scope;
