-- What the projector writes most costs less: room for new versions of rows, and work on documents that nobody asked for.

-- A package version, its evidence and an item are written several times. With room in its page a new version of a row
-- needs no new entries in indexes.
alter table packages set (fillfactor = 80);
alter table request_items set (fillfactor = 80);
-- Evidence has some kilobytes, which were compressed at every write; half as much again on disk is cheaper.
alter table package_evidence set (fillfactor = 80, toast_tuple_target = 8160);

-- Nobody looks for a row by its document. Statistics of them were most of the work of ANALYZE.
alter table requests alter labels set statistics 0, alter counts set statistics 0, alter failure set statistics 0;
alter table request_items alter paths set statistics 0, alter flags set statistics 0, alter notes set statistics 0,
  alter unassessable set statistics 0, alter reasons set statistics 0;
alter table packages alter verdict set statistics 0, alter decision set statistics 0, alter failure set statistics 0,
  alter last_error set statistics 0;
alter table package_evidence alter license set statistics 0, alter download set statistics 0, alter scan set statistics 0;
alter table timeline alter data set statistics 0;
