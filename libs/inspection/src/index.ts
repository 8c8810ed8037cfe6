/** Archives and source code of packages: reading, facts, rules, reports. */
export { parseArchiveReport } from './inspect/archive-report-schema.ts';
export { reportFilesMax, unscannableReport, type ArchiveReport } from './inspect/archive-report.ts';
export type { Assessment } from './assessment.ts';
export { sortFindings, toFinding } from './inspect/finding-list.ts';
export { createInspector, type Inspector } from './inspector.ts';
export { readRulesVersion } from './rules-version.ts';
export type { PackageManifest } from './package-manifest.ts';
export type { AssessmentRule, AssessmentView, ContainedFile } from './rules/rule.ts';
