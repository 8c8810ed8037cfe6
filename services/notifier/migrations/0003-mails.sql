-- Mails: messages of an hour or a day may be sent together.
alter table webhooks add column digest text not null default 'each' check (digest in ('each', 'hourly', 'daily'));
