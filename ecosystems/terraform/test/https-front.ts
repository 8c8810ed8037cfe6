import { createServer } from 'node:https';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { onTestFinished } from 'vitest';

export interface HttpsFront {
  /** `localhost:8443`, as it stands in addresses of providers. */
  host: string;
  /** The authority that the certificate is of, as PEM. */
  ca: string;
}

/**
 * Serves a fake host over https under the name `localhost`, since Terraform talks to nothing else. Addresses in texts that it passes on are
 * rewritten.
 * @param target address of the fake host.
 */
export async function httpsFront(target: string): Promise<HttpsFront> {
  const { cert, key } = await makeCertificate();
  let own = '';
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { url = '/', method = 'GET' } = incoming;
    request(new URL(url, target), { method }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const type = answer.headers['content-type'] ?? '';
        const sent = /json|text/.test(type)
          ? Buffer.from(body.toString('utf8').replaceAll(target, own))
          : body;
        outgoing.writeHead(answer.statusCode ?? 500, { 'content-type': type, 'content-length': sent.length });
        outgoing.end(method === 'HEAD' ? undefined : sent);
      });
    }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  own = `https://localhost:${port}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: `localhost:${port}`, ca: cert };
}

/** A certificate that is its own authority. */
async function makeCertificate(): Promise<{ cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const hour = 3_600_000;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=localhost',
      serialNumber: '01',
      notBefore: new Date(Date.now() - hour),
      notAfter: new Date(Date.now() + hour),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
      ],
    },
    webcrypto as Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[1],
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
  return { cert: certificate.toString('pem'), key };
}
