import { fileURLToPath } from 'node:url';
import type { Assessment } from '@sluice/inspection';
import { npmAssessment } from './npm/assessment.ts';
import { pypiAssessment } from './pypi/assessment.ts';
import { terraformAssessment } from './terraform/assessment.ts';

/** Rules over an archive's report and the registry's statements, by ecosystem. */
export const assessments: readonly Assessment[] = [npmAssessment, pypiAssessment, terraformAssessment];

/** The program of the sandbox's child; from source, that of the last build (Node 20 cannot run TypeScript). */
export const inspectionChild = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.js') ? 'inspection-child.js' : 'dist/inspection-child.js',
    import.meta.url,
  ),
);
