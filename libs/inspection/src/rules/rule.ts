import type { Finding, RegistryEvidence, Severity } from '@sluice/contracts';
import type { ArchiveNote } from '../archive/read-tarball.ts';
import type { PackageManifest } from '../package-manifest.ts';
import type { Signal } from '../source/signal.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { WordKind } from '../source/words-in.ts';

export type Tier = Finding['tier'];

/** One place where a rule fired. Fields that are left out come from the rule. */
export interface Hit {
  /** Set by the engine for rules over one file. */
  file?: string | null;
  /** Position in the file's text; becomes line and excerpt. */
  start?: number;
  line?: number | null;
  excerpt?: string | null;
  severity?: Severity;
  tier?: Tier;
  /** Replaces the rule's title where there is more to say. */
  title?: string;
}

/**
 * One way of recognising something. A rule reports a chain (a capability and a threat together) rather than a single
 * call: single calls are in every second package.
 */
interface RuleBase {
  /** Stable; policy, waivers and the runbook refer to it. */
  id: string;
  title: string;
  severity: Severity;
  /** `block` may fire on 0.2 % of popular packages, `review` on 5 %, `note` on any. */
  tier: Tier;
  /** Why this tells bad from good, for the reviewer who reads the finding. */
  why: string;
}

/** Over one source file. */
export interface FileRule extends RuleBase {
  /** The tier in a file that an install script runs; there, code acts before anybody could look at it. */
  tierAtInstall?: Tier;
  /**
   * Sets of kinds of words. Over the syntax tree of a file that has no whole set the rule finds nothing, and a file without
   * one for any rule is not parsed. Left out by rules that read nothing but the text.
   */
  needs?: readonly (readonly WordKind[])[];
  check(file: SourceFile): Iterable<Hit>;
}

/** Over the whole archive, once all of its files were read. An ecosystem's own rules know more of its contents. */
export interface PackageRule<Contents extends PackageContents = PackageContents> extends RuleBase {
  check(contents: Contents): Iterable<Hit>;
}

/** A rule over the archive's manifest and other stages' evidence; runs at each assessment. */
export interface AssessmentRule extends RuleBase {
  check(assessment: AssessmentView): Iterable<Hit>;
}

export interface PackageContents {
  notes: ArchiveNote[];
  files: ReadonlyMap<string, FileSummary>;
}

/** The part of a file that is kept after reading. */
export interface FileSummary {
  sizeBytes: number;
  mode: number;
  kind: 'source' | 'shell' | 'text' | 'archive' | 'executable' | 'media' | 'binary';
  /** The format that its first bytes claim, `ELF`; also where the rest is text or code. */
  format: string | null;
  signals: Signal[];
  /** Local files that it loads, as written: `./lib/a`. */
  loads: string[];
}

export interface AssessmentView {
  /** The package version that was asked for. */
  name: string;
  version: string;
  registry: RegistryEvidence;
  /** The file that the archive is, as the registry names it. */
  file: { file: string; kind: string; platform: string | null };
  /** From the archive; null when it has none. */
  archived: PackageManifest | null;
  /** From the registry; null when it could not be read. */
  registered: PackageManifest | null;
  /** Files in the archive; absent where it was not scanned, or has more than a report lists. */
  contents?: readonly ContainedFile[] | undefined;
  /** The other files of the assessment, as far as their files are known. */
  siblings?: readonly { kind: string; contents: readonly ContainedFile[] }[];
}

/** A file in an archive. */
export interface ContainedFile {
  path: string;
  sizeBytes: number;
}
