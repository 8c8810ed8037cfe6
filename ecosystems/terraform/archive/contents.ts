import type { PackageContents, PackageRule } from '@sluice/inspection/inspect';
import type { NamedProgram } from './programs.ts';

/** The archive of a provider as its own rules see it. */
export interface ProviderContents extends PackageContents {
  /** Files that have the name of a provider's program, in the order of the archive. */
  programs: readonly NamedProgram[];
}

export type ProviderPackageRule = PackageRule<ProviderContents>;
