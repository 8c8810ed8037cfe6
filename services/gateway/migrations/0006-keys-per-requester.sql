-- Two requesters that make up the same idempotency key mean two submissions.
alter table submissions drop constraint submissions_idempotency_key_key,
  add constraint submissions_key_of_requester unique (requester, idempotency_key);
