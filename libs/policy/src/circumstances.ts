import type { FirstSeen, Severity } from '@sluice/contracts';

/** Grounds of a verdict beside the evidence and the policy: facts about the package version in a scope. */
export interface Circumstances {
  /** The package version, `pkg:npm/lodash@4.17.21`; without it no pattern exempts it. */
  purl: string | null;
  first: FirstSeen;
  /** When it was first assessed here; null for the first time. */
  seenAt: Date | null;
  /** Advisories of versions of the package that are in use in the scope, and that this version is the fix of. */
  fixes: readonly Fix[];
  /** Waivers of the scope that are about this package version; those whose end has come do nothing. */
  waivers: readonly Waiver[];
}

export interface Fix {
  /** Id of the advisory. */
  advisory: string;
  /** Null where the advisory states none. */
  severity: Severity | null;
  /** The version in use that it affects. */
  version: string;
}

/** Reasons of a package that people have decided to live with until a time. */
export interface Waiver {
  id: string;
  /** Reason codes. */
  codes: readonly string[];
  /** Advisories, by id or alias, that it is limited to; empty for every advisory. */
  advisories: readonly string[];
  until: Date;
}

/** Of a package version that nothing is known of beside its evidence. */
export const noCircumstances: Circumstances = {
  purl: null,
  first: { bytes: new Map(), signer: null },
  seenAt: null,
  fixes: [],
  waivers: [],
};
