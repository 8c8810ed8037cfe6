import { createHash, generateKeyPairSync, sign, webcrypto, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface FakeAuthority {
  /** DER. */
  rootCertificate: Buffer;
  /** DER of the public key of the log of certificates. */
  logKey: Buffer;
  /** A certificate for a key, with its entry in the log. @returns DER. */
  issue(request: { publicKey: KeyObject; uri: string; extensions: Record<string, string> }): Promise<Buffer>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const timestampList = '1.3.6.1.4.1.11129.2.4.2';
const hour = 3_600_000;
type AnyKey = Awaited<ReturnType<typeof webcrypto.subtle.importKey>>;
type Crypto = NonNullable<Parameters<typeof x509.X509CertificateGenerator.create>[1]>;
const provider = webcrypto as unknown as Crypto;

/** An authority of certificates for workflows, and the log that it enters them into. Source: Fulcio; RFC 6962. */
export async function makeFakeAuthority(): Promise<FakeAuthority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const log = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const logKey = log.publicKey.export({ format: 'der', type: 'spki' });
  const issuerKey = Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey));
  const period = { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + hour) };
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=authority',
      serialNumber: '01',
      ...period,
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, provider),
      ],
    },
    provider,
  );
  return {
    rootCertificate: Buffer.from(root.rawData),
    logKey,
    async issue({ publicKey, uri, extensions }) {
      const spki = publicKey.export({ format: 'der', type: 'spki' });
      const key: AnyKey = await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']);
      const parts = [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.codeSigning]),
        new x509.SubjectAlternativeNameExtension([{ type: 'url', value: uri }], true),
        await x509.SubjectKeyIdentifierExtension.create(key, false, provider),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey, false, provider),
        ...Object.entries(extensions).map(([oid, text]) => new x509.Extension(oid, false, utf8String(text))),
      ];
      const request = { serialNumber: '02', ...period, issuer: 'CN=authority', publicKey: key };
      const create = (more: x509.Extension[]) =>
        x509.X509CertificateGenerator.create(
          {
            ...request,
            signingAlgorithm: algorithm,
            signingKey: keys.privateKey,
            extensions: [...parts, ...more],
          },
          provider,
        );
      const before = Buffer.from((await create([])).rawData);
      const entered = octetString(timestamps(signedBody(before), { issuerKey, logKey, key: log.privateKey }));
      return Buffer.from((await create([new x509.Extension(timestampList, false, entered)])).rawData);
    },
  };
}

/** The first part of a certificate, which its signature is over. */
function signedBody(certificate: Buffer): Buffer {
  const inner = certificate.subarray(headerLength(certificate));
  return inner.subarray(0, headerLength(inner) + contentLength(inner));
}

/** A list of one timestamp. Source: RFC 6962, 3.2 and 3.3. */
function timestamps(
  body: Buffer,
  { issuerKey, logKey, key }: { issuerKey: Buffer; logKey: Buffer; key: KeyObject },
) {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(Date.now()));
  const bodyLength = Buffer.alloc(3);
  bodyLength.writeUIntBE(body.length, 0, 3);
  const entry = Buffer.concat([
    Buffer.from([0, 0]),
    time,
    Buffer.from([0, 1]),
    createHash('sha256').update(issuerKey).digest(),
    bodyLength,
    body,
    Buffer.from([0, 0]),
  ]);
  const signature = sign('sha256', entry, key);
  const timestamp = Buffer.concat([
    Buffer.from([0]),
    createHash('sha256').update(logKey).digest(),
    time,
    Buffer.from([0, 0, 4, 3]),
    withLength(signature),
  ]);
  return withLength(withLength(timestamp));
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

const utf8String = (text: string) => der(0x0c, Buffer.from(text));
const octetString = (content: Buffer) => der(0x04, content);

function headerLength(bytes: Buffer): number {
  return bytes[1]! < 128 ? 2 : 2 + (bytes[1]! & 127);
}

function contentLength(bytes: Buffer): number {
  const first = bytes[1]!;
  return first < 128 ? first : bytes.readUIntBE(2, first & 127);
}
