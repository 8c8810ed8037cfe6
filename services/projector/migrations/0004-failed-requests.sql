-- Why a request could not be taken in: {code, detail}. It ended as failed, and is opened again when its list is back.
alter table requests add column failure jsonb;
