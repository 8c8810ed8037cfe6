-- The bytes that a version had first: a registry that serves others later is caught, whatever it states of them.
alter table packages add column first_sha512 text;
update packages p set first_sha512 = a.download -> 'digests' ->> 'sha512'
from assessments a where a.id = p.assessment_id and a.download ->> 'status' = 'verified';
