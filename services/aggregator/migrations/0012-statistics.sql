-- Nobody looks for a row by its document. Statistics of them were most of the work of ANALYZE, and that a quarter of what
-- Postgres did while packages went through.
alter table requests alter counts set statistics 0;
alter table assessments alter license set statistics 0, alter download set statistics 0, alter scan set statistics 0,
  alter verdict set statistics 0, alter failure set statistics 0;
alter table packages alter decision set statistics 0;
alter table audit alter detail set statistics 0;
alter table outbox alter payload set statistics 0, alter headers set statistics 0;
