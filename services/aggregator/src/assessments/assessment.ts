import type { ErrorCode, Evidence, Lane, StageName } from '@sluice/contracts';

/** A row of `assessments` as the handlers use it. */
export interface Assessment extends Evidence {
  id: string;
  purl: string;
  lane: Lane;
  attempt: number;
  state: 'waiting' | 'running' | 'assessed' | 'failed' | 'cancelled';
  stage: StageName;
  traceparent: string;
  requestedAt: Date;
}

/** Columns of `assessments` that make up an `Assessment`. */
export const assessmentColumns = `
  id, purl, lane, attempt, state, stage, registry, license, download, scan, traceparent, requested_at as "requestedAt"`;

/** An assessment that cannot be completed, and why. */
export interface Failed {
  assessment: Assessment;
  failure: { stage: StageName; code: ErrorCode; detail: string };
}
