/** Reading archives under limits, without the inspection of their files. */
export { defaultArchiveLimits, type ArchiveLimits } from './archive/archive-limits.ts';
export { ArchiveRefused } from './archive/archive-refused.ts';
export { readZip, type ZipSink } from './archive/read-zip.ts';
