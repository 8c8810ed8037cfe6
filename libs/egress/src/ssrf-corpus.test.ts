import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from './create-egress.ts';

/**
 * Everything here tries to reach a listener on this machine. PORT stands for its port. The bar: egress.forbidden,
 * and no connection arrives.
 */
const urls = [
  // Loopback and unspecified, in all spellings.
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'https://127.0.0.2:PORT/',
  'https://127.1:PORT/',
  'https://127.0.1:PORT/',
  'https://2130706433:PORT/',
  'https://0x7f000001:PORT/',
  'https://0x7f.1:PORT/',
  'https://0x7f.0x0.0x0.0x1:PORT/',
  'https://0177.0.0.1:PORT/',
  'https://017700000001:PORT/',
  'https://127.0.0.1.:PORT/',
  'https://0:PORT/',
  'https://0.0.0.0:PORT/',
  'https://0.0.0.1:PORT/',
  'https://127.0.0.1%00.registry.example:PORT/',
  'https://１２７.0.0.1:PORT/',
  'https://127。0。0。1:PORT/',
  'https://localhost:PORT/',
  'https://localhost.:PORT/',
  'https://LOCALHOST:PORT/',
  'https://sub.localhost:PORT/',
  'https://[::1]:PORT/',
  'https://[::]:PORT/',
  'https://[0:0:0:0:0:0:0:1]:PORT/',
  'https://[::ffff:127.0.0.1]:PORT/',
  'https://[::ffff:7f00:1]:PORT/',
  'https://[::127.0.0.1]:PORT/',
  'https://[::ffff:0:127.0.0.1]:PORT/',
  'https://[64:ff9b::127.0.0.1]:PORT/',
  'https://[2002:7f00:1::]:PORT/',
  'https://[fe80::1%25lo]:PORT/',
  // Private, link-local, shared, multicast, reserved.
  'https://10.0.0.1:PORT/',
  'https://172.16.0.1:PORT/',
  'https://192.168.1.1:PORT/',
  'https://100.64.0.1:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'https://169.254.169.254/',
  'https://[fd00:ec2::254]/',
  'https://2852039166/',
  'https://[fe80::1]:PORT/',
  'https://[fc00::1]:PORT/',
  'https://224.0.0.1:PORT/',
  'https://255.255.255.255:PORT/',
  'https://240.0.0.1:PORT/',
  'https://192.0.2.1:PORT/',
  'https://198.18.0.1:PORT/',
  'https://[ff02::1]:PORT/',
  // Two readers, two hosts.
  'https://registry.example@127.0.0.1:PORT/',
  'https://registry.example:443@127.0.0.1:PORT/',
  'https://user:pass@registry.example/',
  'https://@registry.example/',
  'https://registry.example%40127.0.0.1:PORT/',
  'https://127.0.0.1:PORT\\@registry.example/',
  'https://registry.example\\.evil.example/',
  'https://registry.example#@127.0.0.1:PORT/',
  'https://regis\ttry.example/',
  'https://registry.example\n.evil.example/',
  ' https://registry.example/',
  'https:127.0.0.1:PORT/',
  'https:/\\127.0.0.1:PORT/',
  '//127.0.0.1:PORT/',
  // Hosts, ports and schemes that nobody allowed.
  'https://registry.example.evil.example/',
  'https://evilregistry.example/',
  'https://registry.example.:PORT/',
  'https://registry.example:PORT/',
  'https://registry.example:22/',
  'http://registry.example/',
  'ftp://registry.example/',
  'file:///etc/passwd',
  'data:text/plain,hello',
  'javascript:alert(1)',
  'gopher://127.0.0.1:PORT/_x',
  'git+ssh://git@registry.example/x',
  'blob:https://registry.example/x',
  'registry.example/x',
  '',
  'https://',
  `https://registry.example/${'a'.repeat(3000)}`,
];

/** Allowed names whose addresses are not: what a hostile or careless name server would answer. */
const answers: Record<string, string[]> = {
  'loopback.rebind.example': ['127.0.0.1'],
  'loopback6.rebind.example': ['::1'],
  'mapped.rebind.example': ['::ffff:127.0.0.1'],
  'private.rebind.example': ['10.0.0.1'],
  'metadata.rebind.example': ['169.254.169.254'],
  'unspecified.rebind.example': ['0.0.0.0'],
  'mixed.rebind.example': ['93.184.216.34', '127.0.0.1'],
  'mixed-first.rebind.example': ['127.0.0.1', '93.184.216.34'],
  'nat64.rebind.example': ['64:ff9b::7f00:1'],
};

describe('the SSRF corpus', () => {
  let server: Server;
  let port: number;
  let connections = 0;
  let egress: Egress;

  beforeAll(async () => {
    server = createServer((_request, response) => response.end('reached'));
    server.on('connection', () => (connections += 1));
    // The unspecified address takes what comes to any address of this machine, on IPv4 and IPv6.
    await new Promise<void>((resolve) => server.listen(0, '::', resolve));
    port = (server.address() as AddressInfo).port;
    egress = createEgress({
      allowHosts: ['registry.example', '*.rebind.example', `*.rebind.example:${port}`],
      allowHttp: false,
      resolve: async (host) =>
        (answers[host] ?? ['127.0.0.1']).map((address) => ({
          address,
          family: address.includes(':') ? 6 : 4,
        })),
    });
  });
  afterAll(async () => {
    await egress.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('has at least 60 cases', () =>
    expect(urls.length + Object.keys(answers).length).toBeGreaterThanOrEqual(60));

  it.each(urls)('refuses %j before any packet', async (url) => {
    await expect(egress.fetch(url.replace('PORT', String(port)))).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'egress.forbidden',
    });
    expect(connections).toBe(0);
  });

  it.each(Object.keys(answers))('refuses %s for its address, before any packet', async (host) => {
    await expect(egress.fetch(`https://${host}:${port}/`)).rejects.toMatchObject({
      code: 'egress.forbidden',
    });
    expect(connections).toBe(0);
  });

  it('would notice a packet: the same listener is reached when the operator trusts it', async () => {
    const trusting = createEgress({ allowHosts: [], trustedOrigins: [`http://127.0.0.1:${port}`] });
    const { bytes } = await trusting.getBytes(`http://127.0.0.1:${port}/`);
    await trusting.close();
    expect([bytes.toString(), connections]).toEqual(['reached', 1]);
  });
});
