import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { testCertificates, testPostgres, type TestCertificate } from '@sluice/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createPostgres } from './client.ts';
import { tlsOf } from './tls-of.ts';

const postgres = await testPostgres();
const certificates = testCertificates();

describe('an address of Postgres', () => {
  const plain = 'postgres://user:secret@one.example:5432,two.example:5433/sluice';

  it('without TLS is left as it is, also with several hosts', () => {
    expect(tlsOf(plain)).toEqual({ url: plain });
    expect(tlsOf(`${plain}?sslmode=disable`)).toEqual({ url: plain });
    expect(tlsOf(`${plain}?application_name=x&sslmode=disable`)).toEqual({
      url: `${plain}?application_name=x`,
    });
  });

  it.each(['prefer', 'allow', 'on', ''])(
    'that asks for TLS with sslmode=%s is refused: it could mean none',
    (mode) => {
      expect(() => tlsOf(`${plain}?sslmode=${mode}`)).toThrow(
        /^DATABASE_URL: sslmode must be one of disable/,
      );
    },
  );

  it('that names a certificate without a mode, or a file that is not there, is refused', () => {
    expect(() => tlsOf(`${plain}?sslrootcert=/etc/ca.pem`)).toThrow(/sslmode must be/);
    const read = () => tlsOf(`${plain}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`);
    expect(read).toThrow('DATABASE_URL: sslrootcert cannot be read (ENOENT).');
    expect(read).not.toThrow(/secret/);
  });
});

/** Speaks TLS as Postgres does, once the client has asked for it, before the Postgres of the tests. */
async function tlsBefore(
  url: string,
  { server, ca }: { server: TestCertificate; ca: TestCertificate },
): Promise<number> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('S');
      const keys = { key: server.key, cert: server.cert, ca: ca.cert };
      const secured = new TLSSocket(socket, {
        isServer: true,
        ...keys,
        requestCert: true,
        rejectUnauthorized: true,
      });
      const { hostname, port } = new URL(url);
      const inside = connect(Number(port), hostname);
      sockets.add(inside);
      secured.on('error', () => inside.destroy());
      inside.on('error', () => secured.destroy());
      secured.pipe(inside).pipe(secured);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return (listener.address() as AddressInfo).port;
}

/** @returns `answered`, or the code of the error. */
async function ask(port: number, parameters: Record<string, string>, host = 'localhost'): Promise<string> {
  const url = new URL(postgres.url);
  url.hostname = host;
  url.port = String(port);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const sql = createPostgres({ url: url.href, service: 'test', schema: 'public', pool: 1 });
  try {
    await sql`select 1`;
    return 'answered';
  } catch (error) {
    return String((error as { code?: string }).code ?? error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

if (certificates) {
  const { ca, server, misnamed, client, stranger } = certificates;
  const own = { sslcert: client.certFile, sslkey: client.keyFile };
  const known = { sslrootcert: ca.certFile, ...own };
  const port = await tlsBefore(postgres.url, { server, ca });

  describe('a Postgres with a certificate of its own authority', () => {
    it.each(['localhost', '127.0.0.1'])('is known by its authority and its name %s', async (host) => {
      expect(await ask(port, { sslmode: 'verify-full', ...known }, host)).toBe('answered');
    });

    it('is not taken for one of another authority', async () => {
      const unknown = /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/;
      for (const sslmode of ['verify-full', 'verify-ca', 'require'])
        expect(await ask(port, { sslmode, ...own, sslrootcert: stranger.certFile })).toMatch(unknown);
      expect(await ask(port, { sslmode: 'verify-full', ...own })).toMatch(unknown);
    });

    it('does not answer to who shows no certificate, where it asks for one', async () => {
      expect(await ask(port, { sslmode: 'verify-full', sslrootcert: ca.certFile })).not.toBe('answered');
      expect(await ask(port, {})).not.toBe('answered');
    });

    it('needs the right name for verify-full alone', async () => {
      const other = await tlsBefore(postgres.url, { server: misnamed, ca });
      for (const host of ['localhost', '127.0.0.1'])
        expect(await ask(other, { sslmode: 'verify-full', ...known }, host)).toBe(
          'ERR_TLS_CERT_ALTNAME_INVALID',
        );
      expect(await ask(other, { sslmode: 'verify-ca', ...known })).toBe('answered');
      expect(await ask(other, { sslmode: 'require', ...own })).toBe('answered');
    });
  });
} else it.skip('a Postgres with a certificate of its own authority (needs openssl)');
