import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type EgressOptions } from './create-egress.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Hosts with certificates of their own, and a proxy before them. */
describe.skipIf(!hasOpenssl)('the way out', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-ways-'));
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  let host: Server;
  let origin: string;
  let proxy: Server;
  let proxyUrl: string;
  /** What the proxy was asked for. */
  const asked: string[] = [];

  const listen = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  beforeAll(async () => {
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names];
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    host = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) =>
      response.end('hello'),
    );
    origin = `https://localhost:${await listen(host)}`;
    proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('by proxy');
    });
    proxy.on('connect', (request, socket, head) => {
      asked.push(`CONNECT ${request.url}`);
      const onward = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
    });
    proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
  });
  afterAll(() => {
    host.closeAllConnections();
    host.close();
    proxy.closeAllConnections();
    proxy.close();
    rmSync(folder, { recursive: true });
  });

  /** Fetches one URL by a new egress. */
  async function get(url: string, options: Partial<EgressOptions> = {}): Promise<string> {
    asked.length = 0;
    const egress = createEgress({ allowHosts: [], trustedOrigins: [origin], ...options });
    try {
      return (await egress.getBytes(url)).bytes.toString();
    } finally {
      await egress.close();
    }
  }

  const proxied = (...except: string[]) => ({ proxy: { url: proxyUrl, except } });
  const trusting = () => ({ ca: readFileSync(cert, 'utf8') });

  it('names a certificate that is not accepted at once, with what to set', async () => {
    const refused = {
      name: 'TransientError',
      code: 'egress.certificate',
      host: new URL(origin).host,
      message: expect.stringMatching(/\(DEPTH_ZERO_SELF_SIGNED_CERT\)\. Set EGRESS_CA_FILE/) as string,
    };
    await expect(get(origin)).rejects.toMatchObject(refused);
    await expect(get(origin, proxied())).rejects.toMatchObject(refused);
  });

  it('trusts the authorities that were given, and no other name', async () => {
    expect(await get(origin, trusting())).toBe('hello');
    const byAddress = origin.replace('localhost', '127.0.0.1');
    await expect(get(byAddress, { ...trusting(), trustedOrigins: [byAddress] })).rejects.toMatchObject({
      code: 'egress.certificate',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') as string,
    });
  });

  it('goes through the proxy, except to hosts that are exempt', async () => {
    expect(await get(origin, { ...trusting(), ...proxied() })).toBe('hello');
    expect(asked).toEqual([`CONNECT ${new URL(origin).host}`]);
    expect(await get(origin, { ...trusting(), ...proxied('localhost') })).toBe('hello');
    expect(asked).toEqual([]);
  });

  it('does not ask who a name is behind a proxy, and refuses by text as without one', async () => {
    const options = {
      ...proxied(),
      allowHosts: ['registry.example', '10.0.0.1'],
      allowHttp: true,
      resolve: () => Promise.reject(new Error('nobody asks for names here')),
    };
    expect(await get('http://registry.example/a', options)).toBe('by proxy');
    for (const url of ['https://10.0.0.1/', 'https://elsewhere.example/', 'http://169.254.169.254/']) {
      await expect(get(url, options)).rejects.toMatchObject({ code: 'egress.forbidden' });
      expect(asked).toEqual([]);
    }
  });

  it('calls a proxy that is away, or refuses, an outage', async () => {
    const away = { proxy: { url: 'http://127.0.0.1:1', except: [] } };
    await expect(get(origin, away)).rejects.toMatchObject({ code: 'registry.unavailable' });
  });
});
