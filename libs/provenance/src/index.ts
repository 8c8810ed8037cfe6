/** Attestations of packages: sigstore bundles, verified offline against a root of trust. No I/O but reading the root that is shipped. */
export { isTrustedRoot, loadTrust, type Trust, type TrustedKey } from './trust.ts';
export { attestationFault, unverified, unavailable } from './evidence.ts';
export { verifyAttestation, type AttestedSubject, type VerifiedStatement } from './verify-attestation.ts';
