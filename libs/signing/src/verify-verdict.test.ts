import { createHash, generateKeyPairSync } from 'node:crypto';
import type { Decision, DownloadEvidence, Verdict } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  newSigningKey,
  pemOf,
  readSigningKeys,
  readVerifyingKeys,
  signEnvelope,
  signStatement,
  statementType,
  verdictStatement,
  verifyVerdict,
  type Decided,
} from './index.ts';

const now = new Date('2026-03-01T12:00:00Z');
const bytes = Buffer.from('an archive');
const hashes = (of: Buffer) => ({
  sha1: createHash('sha1').update(of).digest('hex'),
  sha256: createHash('sha256').update(of).digest('hex'),
  sha512: createHash('sha512').update(of).digest('hex'),
});
const fileOf = (content: Buffer) => ({ name: 'left-pad-1.0.0.tgz', sha256: hashes(content).sha256 });

const download = {
  files: [
    {
      file: 'left-pad-1.0.0.tgz',
      kind: 'tarball',
      platform: null,
      status: 'verified',
      detail: null,
      artifactDigest: `sha256:${hashes(bytes).sha256}`,
      sizeBytes: bytes.length,
      digests: hashes(bytes),
      verifiedWith: 'sha512',
      weak: false,
    },
  ],
  producer: 'download/1',
} as unknown as DownloadEvidence;
const verdict: Verdict = {
  outcome: 'approve',
  reasons: [],
  policyVersion: 'default@0123456789abcdef',
  judgedAt: '2026-03-01T11:00:00.000Z',
};
const decision = (changes: Partial<Decision> = {}): Decision => ({
  state: 'approved',
  by: { kind: 'policy', name: 'default' },
  reason: 'nothing found',
  at: '2026-03-01T11:00:00.000Z',
  until: null,
  sequence: 1,
  digests: [`sha512:${hashes(bytes).sha512}`],
  ...changes,
});
const decided = (changes: Partial<Decided> = {}): Decided => ({
  purl: 'pkg:npm/left-pad@1.0.0',
  scope: 'default',
  verdict,
  decision: decision(),
  download,
  evidence: { manifest: `sha256:${'b'.repeat(64)}` },
  ...changes,
});

const keys = readSigningKeys(newSigningKey());
const signed = (changes: Partial<Decided> = {}, by = keys) =>
  JSON.stringify(signStatement(verdictStatement(decided(changes))!, by));
const check = (text: string, content = bytes, trusted = keys.all) =>
  verifyVerdict(text, { trusted, files: [fileOf(content)], scope: 'default', now });

describe('a signed approval', () => {
  it('is verified for the bytes that it names, and binds files, policy and evidence', () => {
    const verified = check(signed());
    expect(verified).toMatchObject({ ok: true, keyId: keys.signer.keyId });
    expect(verdictStatement(decided())).toMatchObject({
      subject: [{ name: 'left-pad-1.0.0.tgz', digest: { sha256: hashes(bytes).sha256 } }],
      predicate: {
        resourceUri: 'pkg:npm/left-pad@1.0.0',
        policy: { uri: 'urn:sluice:policy:default:default@0123456789abcdef' },
        inputAttestations: [{ uri: 'urn:sluice:evidence:manifest', digest: { sha256: 'b'.repeat(64) } }],
        verificationResult: 'PASSED',
      },
    });
  });

  it('is refused for other bytes', () => {
    expect(check(signed(), Buffer.from('another'))).toMatchObject({ ok: false, code: 'other-file' });
  });

  it('counts in its own scope and for its own package alone', () => {
    const [ours, theirs] = [signed(), signed({ scope: 'team-a' })];
    const checkFor = (text: string, scope: string, purl?: string) =>
      verifyVerdict(text, { trusted: keys.all, files: [fileOf(bytes)], scope, purl, now });
    expect(checkFor(theirs, 'team-a', 'pkg:npm/left-pad@1.0.0')).toMatchObject({ ok: true });
    for (const [text, scope] of [
      [theirs, 'default'],
      [ours, 'team-a'],
    ] as const)
      expect(checkFor(text, scope)).toMatchObject({ ok: false, code: 'other-scope' });
    for (const purl of ['pkg:npm/left-pad@1.0.1', 'pkg:npm/right-pad@1.0.0', 'pkg:pypi/left-pad@1.0.0'])
      expect(checkFor(ours, 'default', purl)).toMatchObject({ ok: false, code: 'other-package' });
  });

  it('is refused from its end on, and before it holds', () => {
    const until = (time: string) => signed({ decision: decision({ until: time }) });
    expect(check(until('2026-03-01T12:00:00Z'))).toMatchObject({ ok: false, code: 'ended' });
    expect(check(until('2026-03-01T12:00:01Z'))).toMatchObject({ ok: true });
  });

  it.each<[string, Decision | null]>([
    ['rejected', decision({ state: 'rejected' })],
    ['recalled', decision({ state: 'recalled' })],
    ['not decided', null],
  ])('is none when it is %s', (_, held) => {
    expect(check(signed({ decision: held }))).toMatchObject({ ok: false, code: 'not-approved' });
  });

  it('names no file that the approval does not name', () => {
    const other = decision({ digests: [`sha512:${'0'.repeat(128)}`] });
    expect(verdictStatement(decided({ decision: other }))).toBeNull();
  });

  it('is refused when any bit of its payload, its type or its signature is another one', () => {
    const envelope = JSON.parse(signed()) as {
      payload: string;
      signatures: [{ keyid: string; sig: string }];
    };
    const flip = (text: string, at: number) => {
      const buffer = Buffer.from(text, 'base64');
      const place = at % buffer.length;
      buffer[place] = buffer[place]! ^ (1 << (at % 8));
      return buffer.toString('base64');
    };
    fc.assert(
      fc.property(fc.nat(), (at) => {
        const [{ keyid, sig }] = envelope.signatures;
        const payload = JSON.stringify({ ...envelope, payload: flip(envelope.payload, at) });
        const signature = JSON.stringify({ ...envelope, signatures: [{ keyid, sig: flip(sig, at) }] });
        expect(check(payload)).toMatchObject({ ok: false, code: 'untrusted' });
        expect(check(signature)).toMatchObject({ ok: false, code: 'untrusted' });
      }),
    );
    expect(check(JSON.stringify({ ...envelope, payloadType: 'text/plain' }))).toMatchObject({
      code: 'untrusted',
    });
  });

  it('is refused by another key, also one that says it is the trusted one', () => {
    const other = readSigningKeys(newSigningKey());
    expect(check(signed({}, other))).toMatchObject({ ok: false, code: 'untrusted' });
    const lying = { ...other, signer: { ...other.signer, keyId: keys.signer.keyId } };
    expect(check(signed({}, lying))).toMatchObject({ ok: false, code: 'untrusted' });
  });

  it.each(['', '{', 'null', '[]', '{"payload":"e30="}', '{"payloadType":"x","payload":"%","signatures":[]}'])(
    'is not readable in %s',
    (text) => {
      expect(check(text)).toMatchObject({ ok: false, code: 'unreadable' });
    },
  );

  it('is no statement when something else was signed', () => {
    const something = signEnvelope(statementType, Buffer.from('{"hello":true}'), keys);
    expect(check(JSON.stringify(something))).toMatchObject({ ok: false, code: 'unreadable' });
  });
});

describe('keys', () => {
  const p256 = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();

  it('that follow each other verify what each has signed, and the first one signs', () => {
    const [old, next] = [newSigningKey(), p256()];
    const before = signed({}, readSigningKeys(old));
    const rotated = readSigningKeys(next + old);
    const trusted = readVerifyingKeys(rotated.all.map(pemOf).join(''));
    expect(check(before, bytes, trusted)).toMatchObject({ ok: true });
    expect(check(signed({}, rotated), bytes, trusted)).toMatchObject({
      ok: true,
      keyId: rotated.signer.keyId,
    });
    expect(check(signed({}, rotated), bytes, readSigningKeys(old).all)).toMatchObject({ ok: false });
  });

  it.each([
    ['nothing', ''],
    ['a damaged block', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    [
      'a weak kind',
      generateKeyPairSync('rsa', { modulusLength: 1024 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
  ])('of %s are refused', (_, pem) => {
    expect(() => readSigningKeys(pem)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});
