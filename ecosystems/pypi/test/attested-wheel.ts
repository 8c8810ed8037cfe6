import { createHash } from 'node:crypto';
import type { FakeSigstore } from '../../../libs/provenance/test/fake-sigstore.ts';
import { buildWheel, wheelName, type FakeFile } from '../fake/index.ts';

const publish = 'https://index.example/attestations/publish/v1';
/** The one that a right attestation names. */
export const repository = 'https://github.example/acme/pkg';

/** Differences from a right attestation of a wheel. */
export interface Attested {
  /** `pkg` unless given. */
  project?: string;
  version?: string;
  /** The subject's name in place of the file's. */
  name?: string;
  sha256?: string;
  repository?: string;
  publisher?: Record<string, unknown>;
  isForged?: boolean;
}

/** A wheel with the provenance object that an index has of it (PEP 740). */
export async function attestedWheel(sigstore: FakeSigstore, attested: Attested = {}): Promise<FakeFile> {
  const options = { name: attested.project ?? 'pkg', version: attested.version ?? '1.0' };
  const body = buildWheel(options);
  const file = wheelName(options);
  const sha256 = attested.sha256 ?? createHash('sha256').update(body).digest('hex');
  const bundle = await sigstore.attest({
    subject: { name: attested.name ?? file, digest: { sha256 } },
    predicateType: publish,
    repository: attested.repository ?? repository,
    ...(attested.isForged ? { isForged: true } : {}),
  });
  const { certificate, tlogEntries } = bundle.verificationMaterial;
  const attestation = {
    version: 1,
    verification_material: {
      certificate: (certificate as { rawBytes: string }).rawBytes,
      transparency_entries: tlogEntries,
    },
    envelope: { statement: bundle.dsseEnvelope.payload, signature: bundle.dsseEnvelope.signatures[0]!.sig },
  };
  const publisher = attested.publisher ?? { kind: 'GitHub', repository: 'Acme/pkg', workflow: 'release.yml' };
  return {
    file,
    body,
    provenance: { version: 1, attestation_bundles: [{ publisher, attestations: [attestation] }] },
  };
}
