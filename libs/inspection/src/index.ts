/** Archives and source code of packages: reading, facts, rules, reports. */
export { parseArchiveReport } from './inspect/archive-report-schema.ts';
export { unscannableReport, type ArchiveReport } from './inspect/archive-report.ts';
export { sortFindings, toFinding } from './inspect/finding-list.ts';
export { readPackageManifest, type PackageManifest } from './inspect/package-manifest.ts';
export { printable } from './inspect/printable.ts';
export { createInspector, type Inspector } from './inspector.ts';
export { readRulesVersion } from './rules-version.ts';
export { assessmentRules } from './rules/assessment-rules.ts';
export type { AssessmentView } from './rules/rule.ts';
