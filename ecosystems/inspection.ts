import type { Inspection } from '@sluice/inspection/inspect';
import { npmInspection } from './npm/inspection.ts';
import { pypiInspection } from './pypi/inspection.ts';
import { terraformInspection } from './terraform/inspection.ts';

/** Archives and the rules over them, by ecosystem. Loaded by the sandbox's child. */
export const inspections: readonly Inspection[] = [npmInspection, pypiInspection, terraformInspection];
