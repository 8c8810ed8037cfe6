import type { AssessmentRule } from './rules/rule.ts';
import type { PackageManifest } from './package-manifest.ts';

/** An ecosystem's part of an assessment after the archive was read. Runs in the service. */
export interface Assessment {
  /** purl type. */
  type: string;
  /** Folder of the ecosystem's code, which its reports follow from; see `readRulesVersion`. */
  code: URL;
  /** Reads the metadata that the registry states of one version; null where it states none. */
  readRegistered(metadata: Record<string, unknown>): PackageManifest | null;
  rules: readonly AssessmentRule[];
}
