import { formatPurl, type ProvenanceEvidence } from '@sluice/contracts';
import { unavailable, unverified, verifyAttestation, type Trust } from '@sluice/provenance';
import { z } from 'zod';

const documentSchema = z.looseObject({
  attestations: z.array(z.looseObject({ predicateType: z.string(), bundle: z.unknown() })).max(20),
});

/** Statements of where something was built. Source: SLSA, "Provenance". */
const buildType = /^https:\/\/slsa\.dev\/provenance\//;

/**
 * Verifies the attestations that a registry has of a version. One that is wrong makes the whole wrong; the one of the build says
 * where it was built.
 * @param json the registry's answer.
 * @param sha512 of the archive in hex, as the registry states it.
 */
export async function verifyAttestations(
  json: unknown,
  { name, version, sha512 }: { name: string; version: string; sha512: string | null },
  trust: Trust,
): Promise<ProvenanceEvidence> {
  const parsed = documentSchema.safeParse(json);
  if (!parsed.success) return unverified('The attestations are of a form that is not known.');
  if (sha512 === null) return unverified('The registry states no SHA-512 that an attestation could be of.');
  const purl = formatPurl({ type: 'npm', name, version });
  const isNamed = (named: string) => named === purl || named === purl.replaceAll('+', '%2B');
  const subject = { isNamed, algorithm: 'sha512', hex: sha512 };
  const found = await Promise.all(
    parsed.data.attestations.map(({ bundle }) => verifyAttestation(bundle, subject, trust)),
  );
  const failed = found.find(({ evidence }) => evidence.status === 'failed');
  if (failed) return failed.evidence;
  const build = found.find(
    ({ predicateType, isByCertificate }) => isByCertificate && buildType.test(predicateType ?? ''),
  );
  if (build) return build.evidence;
  if (found.some(({ predicateType }) => predicateType === null))
    return unverified('No attestation is of a form that is known.');
  return { ...unavailable, detail: 'The registry states no attestation of the build.' };
}
