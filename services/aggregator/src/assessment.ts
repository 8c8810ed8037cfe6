import {
  stageNames,
  type DownloadEvidence,
  type ErrorCode,
  type Lane,
  type LicenseEvidence,
  type ScanEvidence,
  type StageName,
} from '@sluice/contracts';

/** A row of `assessments` as the handlers use it. */
export interface Assessment {
  id: string;
  purl: string;
  lane: Lane;
  attempt: number;
  state: 'running' | 'assessed' | 'failed' | 'cancelled';
  stage: StageName;
  license: LicenseEvidence | null;
  download: DownloadEvidence | null;
  scan: ScanEvidence | null;
  traceparent: string;
  requestedAt: Date;
}

/** Columns of `assessments` that make up an `Assessment`. */
export const assessmentColumns = `
  id, purl, lane, attempt, state, stage, license, download, scan, traceparent, requested_at as "requestedAt"`;

/** The stage whose fact an assessment still waits for, or null when all evidence is in. */
export function awaitedStage(
  assessment: Pick<Assessment, 'license' | 'download' | 'scan'>,
): StageName | null {
  return stageNames.find((stage) => !assessment[stage]) ?? null;
}

/** An assessment that cannot be completed, and why. */
export interface Failed {
  assessment: Assessment;
  failure: { stage: StageName; code: ErrorCode; detail: string };
}
