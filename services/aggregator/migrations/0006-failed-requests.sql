-- A request whose list cannot be read ends too: as failed, without items, until its event is redriven.
alter table requests drop constraint requests_state_check;
alter table requests add constraint requests_state_check check (state in ('open', 'completed', 'cancelled', 'failed'));
