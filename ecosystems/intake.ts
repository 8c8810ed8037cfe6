import type { Intake } from '@sluice/intake';
import { npmIntake } from './npm/intake.ts';
import { pypiIntake } from './pypi/intake.ts';
import { terraformIntake } from './terraform/intake.ts';

/** Lockfiles, by ecosystem. */
export const intakes: readonly Intake[] = [npmIntake, pypiIntake, terraformIntake];
