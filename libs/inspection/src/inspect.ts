/** The inspection of one archive, and the parts that an ecosystem's own reader and rules are made of. Loaded by the child. */
export { defaultArchiveLimits, type ArchiveLimits } from './archive/archive-limits.ts';
export { withoutFolder } from './archive/entry-path.ts';
export { ArchiveRefused } from './archive/archive-refused.ts';
export {
  readTarball,
  type ArchiveFile,
  type ArchiveNote,
  type ArchiveSummary,
  type FileSink,
} from './archive/read-tarball.ts';
export { readZip, type ZipPaths } from './archive/read-zip.ts';
export { toFinding } from './inspect/finding-list.ts';
export { localLoads } from './inspect/local-loads.ts';
export { inspectArchive } from './inspect/inspect-archive.ts';
export { serveInspections } from './serve-inspections.ts';
export type { InspectedPackage, Inspection, PackageReader } from './inspection.ts';
export type { PackageManifest } from './package-manifest.ts';
export { imitationsOf, skeletonOf, slipsOf, typosquatRule } from './rules/imitations.ts';
export { findWipe } from './rules/destructive.ts';
export { isPersistentCommand, persistentPlace } from './rules/persistence.ts';
export type {
  AssessmentRule,
  AssessmentView,
  FileSummary,
  Hit,
  PackageContents,
  PackageRule,
} from './rules/rule.ts';
export { credentialPath } from './source/credential-files.ts';
export { textSignals } from './source/text-signals.ts';
export { isCredentialVariable } from './source/credentials.ts';
export type { Signal, SignalKind } from './source/signal.ts';
export { readScopes, type ScopedNodes } from './source/scopes.ts';
export { SourceFile } from './source/source-file.ts';
