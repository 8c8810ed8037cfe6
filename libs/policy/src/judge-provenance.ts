import type { Evidence, PackageFile, ProvenanceEvidence, Reason } from '@sluice/contracts';
import { reason, type ReasonCode } from './reasons.ts';
import type { Policy } from './schema.ts';

/** Codes of attestations that are not `verified`, by their status. */
const codes = {
  failed: 'provenance.failed',
  unverified: 'provenance.unverified',
  unavailable: 'provenance.missing',
} as const satisfies Record<string, ReasonCode>;

/**
 * Judges the attestations of a package version's files, and changes since the version before: of its attestation and of the account
 * that published it. An attestation that is not there, and one that cannot be verified, are reasons where the policy does not approve
 * them: most packages have none. Pure.
 */
export function judgeProvenance({ registry }: Evidence, policy: Policy): Reason[] {
  if (!registry) return [];
  const { files, gained, publisher, provenanceBefore } = registry;
  const reasons = files.flatMap((file) => (file.provenance ? judgeFile(file, file.provenance, policy) : []));
  if (provenanceBefore) reasons.push(...judgeChange(files, provenanceBefore, policy));
  if (gained?.publisherBefore && publisher !== null) {
    const message = `Published by ${publisher}, the version before (${gained.since}) by ${gained.publisherBefore}.`;
    const data = { publisher, before: gained.publisherBefore, since: gained.since };
    const { publisherChanged } = policy.provenance;
    reasons.push(reason('publisher.changed', 'low', publisherChanged, message, data));
  }
  return reasons;
}

function judgeFile(
  { file }: PackageFile,
  { status, detail }: ProvenanceEvidence,
  { provenance }: Policy,
): Reason[] {
  if (status === 'verified') return [];
  const outcome = provenance[status === 'unavailable' ? 'missing' : status];
  if (outcome === 'approve' && status !== 'failed') return [];
  const message = `${file}: ${detail ?? 'The registry states no attestation.'}`;
  const severity = status === 'failed' ? 'critical' : 'medium';
  return [reason(codes[status], severity, outcome, message, { file })];
}

function judgeChange(
  files: readonly PackageFile[],
  { version, provenance: before }: { version: string; provenance: ProvenanceEvidence },
  { provenance: policy }: Policy,
): Reason[] {
  const stated = files.flatMap((file) => file.provenance ?? []);
  if (before.status === 'unavailable' || stated.length === 0) return [];
  if (stated.every(({ status }) => status === 'unavailable')) {
    const message = `The version before (${version}) has an attestation, and this one has none.`;
    return [reason('provenance.lost', 'medium', policy.lost, message, { before: version })];
  }
  const now = stated.find(({ status }) => status === 'verified');
  if (!now || before.status !== 'verified') return [];
  const [source, earlier] = [sourceOf(now), sourceOf(before)];
  if (source === earlier) return [];
  const message = `Built from ${source}; the version before (${version}) was built from ${earlier}.`;
  return [reason('provenance.changed', 'medium', policy.changed, message, { source, before: earlier })];
}

/** Who vouches, for which repository and workflow; branches and tags differ from release to release. */
function sourceOf({ identity, issuer, repository }: ProvenanceEvidence): string {
  return [repository, identity?.replace(/@[^@]*$/, ''), issuer].filter((part) => part).join(', ');
}
