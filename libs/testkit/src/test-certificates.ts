import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A certificate and its key, as PEM and as files. */
export interface TestCertificate {
  cert: string;
  key: string;
  certFile: string;
  keyFile: string;
}

export interface TestCertificates {
  /** The authority that signed the two others. */
  ca: TestCertificate;
  /** Of `localhost` and 127.0.0.1. */
  server: TestCertificate;
  /** Of a name that nothing here has. */
  misnamed: TestCertificate;
  client: TestCertificate;
  /** An authority that signed nothing here. */
  stranger: TestCertificate;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** An authority with certificates for the calling test file; null on a machine without openssl. */
export function testCertificates(): TestCertificates | null {
  if (spawnSync('openssl', ['version']).status !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-certificates-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const files = (name: string) => ({
    certFile: join(folder, `${name}.pem`),
    keyFile: join(folder, `${name}.key`),
  });
  const read = ({ certFile, keyFile }: ReturnType<typeof files>): TestCertificate => ({
    cert: readFileSync(certFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    certFile,
    keyFile,
  });
  const authority = (name: string) => {
    const { certFile, keyFile } = files(name);
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      keyFile,
      '-out',
      certFile,
    );
    return read({ certFile, keyFile });
  };
  const ca = authority('ca');
  let serial = 0;
  const signed = (name: string, extensions: string) => {
    const { certFile, keyFile } = files(name);
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', `${name}.csr`);
    // prettier-ignore
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', ca.certFile, '-CAkey', ca.keyFile, '-set_serial', String((serial += 1)),
      '-days', '2', '-extfile', `${name}.ext`, '-out', certFile);
    return read({ certFile, keyFile });
  };
  return {
    ca,
    server: signed('server', 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth'),
    misnamed: signed('misnamed', 'subjectAltName=DNS:other.example\nextendedKeyUsage=serverAuth'),
    client: signed('client', 'extendedKeyUsage=clientAuth'),
    stranger: authority('stranger'),
  };
}
