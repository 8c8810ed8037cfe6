-- Every state that requests and decisions can have is one that lists are asked for. These are rare: to be found without
-- reading all others.
create index requests_cancelled on requests (submitted_at desc, id desc) where cancelled_at is not null;
create index requests_failed on requests (submitted_at desc, id desc) where failure is not null;
create index packages_decision_ended on packages (purl) where decision_state is null and decision is not null;
