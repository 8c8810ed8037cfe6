import type { ProvenanceEvidence } from '@sluice/contracts';

const nothing = { identity: null, issuer: null, repository: null };
const detailMaxChars = 150;

/** Evidence of an attestation that is wrong. */
export function attestationFault(detail: string): ProvenanceEvidence {
  return { ...nothing, status: 'failed', detail: detail.slice(0, detailMaxChars) };
}

/** Evidence of an attestation that nothing here can judge. */
export function unverified(detail: string): ProvenanceEvidence {
  return { ...nothing, status: 'unverified', detail: detail.slice(0, detailMaxChars) };
}

/** Evidence of a file that the registry states no attestation of. */
export const unavailable: ProvenanceEvidence = {
  ...nothing,
  status: 'unavailable',
  detail: 'The registry states no attestation.',
};
