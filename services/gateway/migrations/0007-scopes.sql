-- A submission belongs to a scope; all earlier ones belong to the scope `default`.
alter table submissions add column scope text not null default 'default';
