/** Reports of requests in the formats that other tools read. Pure. */
export { csvRow } from './csv.ts';
export { mergeReports } from './merge-reports.ts';
export { packagesByVersion } from './packages.ts';
export { mediaTypeOf, renderReport } from './render-report.ts';
