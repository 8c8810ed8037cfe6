import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, natsConfigOf } from '@sluice/runtime';
import { testNats, waitFor } from '@sluice/testkit';
import { connect, nkeys } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { connectBus } from './connection.ts';
import { accessOptions, busOptionsOf } from './nats-access.ts';

const user = nkeys.createUser();
const seed = new TextDecoder().decode(user.getSeed());
const closed = await testNats({
  lines: [
    `authorization { users: [{ user: "sluice", password: "pa:ss@word" }, { nkey: ${user.getPublicKey()} }] }`,
  ],
});
const address = closed.url.replace('nats://', '');

/** Connects as the settings say, once, and asks something. */
async function ask(env: Record<string, string>): Promise<void> {
  const nc = await connect({ ...accessOptions(busOptionsOf(natsConfigOf(env))), maxReconnectAttempts: 0 });
  await nc.flush();
  await nc.close();
}

describe('a NATS that asks who its clients are', () => {
  it.each([
    ['user and password in the address', { NATS_URL: `nats://sluice:pa%3Ass%40word@${address}` }],
    [
      'them in the first of several addresses',
      { NATS_URL: `nats://sluice:pa%3Ass%40word@${address}, ${address}` },
    ],
    ['the seed of an nkey', { NATS_URL: address, NATS_NKEY: `${seed}\n` }],
  ])('takes %s', (_, env) => ask(env));

  it.each([
    ['no credentials', { NATS_URL: address }],
    ['a wrong password', { NATS_URL: `nats://sluice:wrong@${address}` }],
    ['a token', { NATS_URL: address, NATS_TOKEN: 'x' }],
  ])('refuses %s', async (_, env) => {
    await expect(ask(env)).rejects.toThrow(/Authorization Violation/i);
  });
});

it('reads a token alone out of an address, as the other clients of NATS do', () => {
  expect(accessOptions({ url: 'nats://secret@nats.example:4222' })).toEqual({
    servers: ['nats://nats.example:4222'],
    token: 'secret',
  });
});

it('reads a credentials file by its text', () => {
  const { authenticator } = accessOptions({ url: 'nats.example', creds: 'any text' });
  expect(authenticator).toHaveLength(1);
});

it('refuses settings that are no addresses, and says no password', () => {
  const read = () => natsConfigOf({ NATS_URL: 'nats://sluice:secret@nats.example:port' });
  expect(read).toThrow(/^NATS_URL: must be addresses/);
  expect(read).not.toThrow(/secret/);
});

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasOpenssl)('a NATS with a certificate of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nats-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  if (hasOpenssl)
    execFileSync(
      'openssl',
      // prettier-ignore
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=nats',
        '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
      { stdio: 'ignore' },
    );
  const tls = `tls { cert_file: "${cert}", key_file: "${key}", timeout: 5 }`;
  const secured = await testNats({ lines: hasOpenssl ? [tls] : [] });

  it('is trusted by its authority, and by no other', async () => {
    const NATS_URL = `nats://localhost:${secured.port}`;
    await ask({ NATS_URL, NATS_CA: readFileSync(cert, 'utf8') });
    await expect(ask({ NATS_URL })).rejects.toThrow(/certificate/i);
  });
});

it('makes the connection of a service', async () => {
  const log = createLogger('test', 'silent');
  const options = busOptionsOf(natsConfigOf({ NATS_URL: address, NATS_NKEY: seed, NATS_REPLICAS: '3' }));
  const bus = await connectBus({ ...options, service: 'test', instance: 't', log });
  await bus.nc.flush();
  expect(bus.limits.replicas).toBe(3);
  await bus.close();
});

describe('credentials that are changed at the broker', async () => {
  const log = createLogger('test', 'silent');
  const options = { token: 'right', service: 'test', instance: 't', log };
  const lines = ['authorization { token: "right" }'];
  const settings = { lines };
  const changing = await testNats(settings);

  it('do not end a connection: it is made again once they are right', async () => {
    const bus = await connectBus({ ...options, url: changing.url });
    await changing.stop();
    settings.lines = ['authorization { token: "other" }'];
    await changing.start();
    // Twice is when the client of NATS gives up by itself.
    await waitFor(
      async () => (await readFile(changing.logFile, 'utf8')).split('authentication error').length > 3,
    );
    await changing.stop();
    settings.lines = lines;
    await changing.start();
    await waitFor(() => bus.nc.flush().then(() => true));
    await bus.close();
  });

  it('end a start when they are wrong from the beginning', async () => {
    await expect(connectBus({ ...options, url: closed.url })).rejects.toThrow(/Authorization Violation/i);
  });
});
