-- What waits for a person: few among all that were ever reviewed, and decided since.
create index packages_waiting on packages (outcome, purl) where decision_state is null and outcome is not null;
