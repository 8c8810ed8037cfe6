/** OSV records: reading, and which of them affect a version. Pure. */
export { readOsvRecord, type AdvisoryRecord, type AdvisoryRow } from './advisory-record.ts';
export { matchRecords } from './match-records.ts';
