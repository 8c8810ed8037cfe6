-- Decisions end and cooldowns run out: `wake_at` is when a package version is judged again from what is recorded.
alter table packages add column wake_at timestamptz;
create index packages_waking on packages (wake_at) where wake_at is not null;
update packages set wake_at = (decision ->> 'until')::timestamptz where decision ->> 'until' is not null;
update packages p set wake_at = least(p.wake_at, (reason -> 'data' ->> 'until')::timestamptz)
from assessments a, json_array_elements(a.verdict -> 'reasons') as reasons (reason)
where a.id = p.assessment_id and reason ->> 'code' = 'age.cooldown';

-- What a decision is about: digests of the files that were assessed.
alter table decisions add column digests text[] not null default '{}';
