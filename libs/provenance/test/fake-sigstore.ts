import { createHash, generateKeyPairSync, randomInt, sign, type KeyObject } from 'node:crypto';
import { makeFakeAuthority } from './fake-authority.ts';

/** The statement of an attestation, and who makes it. */
export interface FakeAttestation {
  subject: { name: string; digest: Record<string, string> };
  predicateType: string;
  predicate?: unknown;
  /** `https://git.example/acme/thing`. */
  repository?: string;
  workflow?: string;
  ref?: string;
  issuer?: string;
  /** Signs other bytes than those that are stated. */
  isForged?: boolean;
}

export interface FakeBundle {
  mediaType: string;
  verificationMaterial: Record<string, unknown> & { tlogEntries: unknown[] };
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] };
}

export interface FakeSigstore {
  /** JSON of `trusted_root.json`. */
  trustedRoot: string;
  /** A bundle by a certificate for the workflow. */
  attest(attestation: FakeAttestation): Promise<FakeBundle>;
  /** A bundle by a key that is named. */
  attestWithKey(attestation: FakeAttestation, by: { id: string; key: KeyObject }): FakeBundle;
}

const payloadType = 'application/vnd.in-toto+json';
const logHost = 'log.example';
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const sha256 = (...parts: (Uint8Array | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/**
 * An authority, a log of certificates and a log of entries, made for a test. The registries at hand strip attestations, so that no
 * recorded ones can be had; these have the same form.
 */
export async function makeFakeSigstore(): Promise<FakeSigstore> {
  const authority = await makeFakeAuthority();
  const log = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const logKey = log.publicKey.export({ format: 'der', type: 'spki' });
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const logOf = (baseUrl: string, key: Buffer) => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(key), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
    logId: { keyId: base64(sha256(key)) },
  });
  const trustedRoot = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(`https://${logHost}`, logKey)],
    certificateAuthorities: [
      {
        subject: { organization: 'example', commonName: 'authority' },
        uri: 'https://ca.example',
        certChain: { certificates: [{ rawBytes: base64(authority.rootCertificate) }] },
        validFor,
      },
    ],
    ctlogs: [logOf('https://ct.example', authority.logKey)],
    timestampAuthorities: [],
  });

  const bundle = (
    attestation: FakeAttestation,
    key: KeyObject,
    material: Record<string, unknown>,
  ): FakeBundle => {
    const { subject, predicateType, predicate = {}, isForged } = attestation;
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [subject],
      predicateType,
      predicate,
    };
    const payload = Buffer.from(JSON.stringify(statement));
    const signature = sign('sha256', encode(isForged ? Buffer.from('{}') : payload), key);
    const tlogEntries = [logEntry(payload, signature, { logKey, key: log.privateKey })];
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { ...material, tlogEntries },
      dsseEnvelope: {
        payload: base64(payload),
        payloadType,
        signatures: [{ sig: base64(signature), keyid: '' }],
      },
    };
  };

  return {
    trustedRoot,
    async attest(attestation) {
      const {
        repository = 'https://git.example/acme/thing',
        workflow = '.github/workflows/release.yml',
        ref = 'refs/tags/v1',
        issuer = 'https://token.example',
      } = attestation;
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const certificate = await authority.issue({
        publicKey,
        uri: `${repository}/${workflow}@${ref}`,
        extensions: { '1.3.6.1.4.1.57264.1.8': issuer, '1.3.6.1.4.1.57264.1.12': repository },
      });
      return bundle(attestation, privateKey, { certificate: { rawBytes: base64(certificate) } });
    },
    attestWithKey: (attestation, { id, key }) => bundle(attestation, key, { publicKey: { hint: id } }),
  };
}

/** Source: DSSE, "Protocol", pre-authentication encoding. */
function encode(payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
}

/** The first and only entry of a log. Source: Rekor, "Signed Entry Timestamp"; C2SP, "tlog-checkpoint". */
function logEntry(payload: Buffer, signature: Buffer, { logKey, key }: { logKey: Buffer; key: KeyObject }) {
  const entry = {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
      signatures: [{ signature: base64(signature), verifier: '' }],
    },
  };
  const body = Buffer.from(JSON.stringify(entry));
  const id = sha256(logKey);
  const integratedTime = Math.floor(Date.now() / 1_000);
  const logIndex = randomInt(1_000_000);
  // Keys in their order, as the canonical form has them.
  const promise = JSON.stringify({ body: base64(body), integratedTime, logID: id.toString('hex'), logIndex });
  const rootHash = sha256(Buffer.from([0]), body);
  const note = `${logHost} - 1\n1\n${base64(rootHash)}\n`;
  const noteSignature = Buffer.concat([id.subarray(0, 4), sign('sha256', Buffer.from(note), key)]);
  return {
    logIndex: String(logIndex),
    logId: { keyId: base64(id) },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: base64(sign('sha256', Buffer.from(promise), key)) },
    inclusionProof: {
      logIndex: '0',
      rootHash: base64(rootHash),
      treeSize: '1',
      hashes: [],
      checkpoint: { envelope: `${note}\n\u2014 ${logHost} ${base64(noteSignature)}\n` },
    },
    canonicalizedBody: base64(body),
  };
}
