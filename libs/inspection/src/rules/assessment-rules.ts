import { installScriptNew } from './install-script-new.ts';
import { manifestIdentity } from './manifest-identity.ts';
import { manifestMismatch } from './manifest-mismatch.ts';
import type { AssessmentRule } from './rule.ts';
import { typosquat } from './typosquat.ts';

/** Rules over an archive's manifest and other stages' evidence; cheap, so they run at each assessment. */
export const assessmentRules: AssessmentRule[] = [
  installScriptNew,
  manifestIdentity,
  manifestMismatch,
  typosquat,
];
