import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeFakeSigstore, type FakeAttestation } from '../test/fake-sigstore.ts';
import { isTrustedRoot, loadTrust } from './trust.ts';
import { verifyAttestation } from './verify-attestation.ts';

const [sigstore, other] = await Promise.all([makeFakeSigstore(), makeFakeSigstore()]);
const trust = await loadTrust(sigstore.trustedRoot);
const hex = 'ab'.repeat(32);
const subject = { isNamed: (name: string) => name === 'thing-1.0.zip', algorithm: 'sha256', hex };
const attestation: FakeAttestation = {
  subject: { name: 'thing-1.0.zip', digest: { sha256: hex } },
  predicateType: 'https://slsa.dev/provenance/v1',
};

const statusOf = async (bundle: unknown, by = trust) =>
  (await verifyAttestation(bundle, subject, by)).evidence.status;

it('an attestation of the file is verified, with who made it from which repository', async () => {
  const bundle = await sigstore.attest(attestation);
  expect(await verifyAttestation(bundle, subject, trust)).toEqual({
    evidence: {
      status: 'verified',
      identity: 'https://git.example/acme/thing/.github/workflows/release.yml@refs/tags/v1',
      issuer: 'https://token.example',
      repository: 'https://git.example/acme/thing',
      detail: null,
    },
    predicateType: 'https://slsa.dev/provenance/v1',
    isByCertificate: true,
  });
});

it.each<[string, FakeAttestation]>([
  [
    'other bytes',
    { ...attestation, subject: { name: 'thing-1.0.zip', digest: { sha256: 'cd'.repeat(32) } } },
  ],
  ['another file', { ...attestation, subject: { name: 'other-1.0.zip', digest: { sha256: hex } } }],
  [
    'bytes by another algorithm',
    { ...attestation, subject: { name: 'thing-1.0.zip', digest: { sha512: hex } } },
  ],
  ['a statement that was changed after it was signed', { ...attestation, isForged: true }],
])('an attestation of %s has failed', async (_, changed) => {
  expect(await statusOf(await sigstore.attest(changed))).toBe('failed');
});

it('an attestation whose entry in the log is another one has failed', async () => {
  const [one, two] = await Promise.all([sigstore.attest(attestation), sigstore.attest(attestation)]);
  const swapped = {
    ...one,
    verificationMaterial: {
      ...one.verificationMaterial,
      tlogEntries: two.verificationMaterial.tlogEntries,
    },
  };
  expect(await statusOf(swapped)).toBe('failed');
});

it('an attestation of an authority or a log that is not known is neither verified nor failed', async () => {
  const foreign = await other.attest(attestation);
  expect(await statusOf(foreign)).toBe('unverified');
  const own = await sigstore.attest(attestation);
  const mixed = {
    ...own,
    verificationMaterial: {
      ...own.verificationMaterial,
      certificate: foreign.verificationMaterial['certificate'],
    },
  };
  expect(await statusOf(mixed)).not.toBe('verified');
  // The root that is shipped knows none of a test's.
  expect(await statusOf(own, await loadTrust())).toBe('unverified');
});

it('an attestation by a key goes by the keys of the root', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const bundle = sigstore.attestWithKey(attestation, { id: 'SHA256:own', key: privateKey });
  expect(await statusOf(bundle)).toBe('unverified');
  const withKey = await loadTrust(sigstore.trustedRoot, [{ id: 'SHA256:own', key: publicKey, endMs: null }]);
  expect(await verifyAttestation(bundle, subject, withKey)).toMatchObject({
    evidence: { status: 'verified', identity: null },
    isByCertificate: false,
  });
  const ended = await loadTrust(sigstore.trustedRoot, [{ id: 'SHA256:own', key: publicKey, endMs: 0 }]);
  expect(await statusOf(bundle, ended)).toBe('unverified');
});

it('anything else is of a form that is not known, and never throws', async () => {
  const whole = await sigstore.attest(attestation);
  const odd: unknown[] = [
    null,
    7,
    'x',
    [],
    {},
    { ...whole, mediaType: 'application/vnd.dev.sigstore.bundle.v9+json' },
  ];
  odd.push({
    ...whole,
    dsseEnvelope: { payload: 'AA==', payloadType: 'text/plain', signatures: [{ sig: 'AA==' }] },
  });
  for (const bundle of odd) expect(await statusOf(bundle)).toBe('unverified');
});

it('the shipped root has authorities, logs and keys of registries', async () => {
  const shipped = await loadTrust();
  expect(shipped.logs.size).toBeGreaterThan(0);
  expect(shipped.registryKeys.length).toBeGreaterThan(0);
  expect(shipped.source).toMatch(/^the trust root of @sigstore\/tuf \d/);
});

it('a text that is no root is refused', async () => {
  expect([isTrustedRoot('{}'), isTrustedRoot('x'), isTrustedRoot(sigstore.trustedRoot)]).toEqual([
    false,
    false,
    true,
  ]);
  await expect(loadTrust('{}')).rejects.toMatchObject({ code: 'config.invalid' });
});
