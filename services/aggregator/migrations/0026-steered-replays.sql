-- A replay can be cancelled: the package versions whose turn has not come are left out, and counted. One whose package versions
-- failed can be tried again: each round has assessments of its own.
alter table replays drop constraint replays_state_check;
alter table replays add constraint replays_state_check check (state in ('starting', 'started', 'cancelled'));
alter table replays add column cancelled int not null default 0;
alter table replays add column round int not null default 1;
