-- The person who answers for a service: where the policy wants other eyes than the requester's, the service counts as that person.
alter table api_keys add column owner text;
create index api_keys_by_owner on api_keys (owner, name) where owner is not null;
