import { readFile } from 'node:fs/promises';
import { createLogger, natsConfigOf } from '@sluice/runtime';
import { testCertificates, testNats, waitFor } from '@sluice/testkit';
import { connect, nkeys } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { connectBus } from './connection.ts';
import { accessOptions, busOptionsOf } from './nats-access.ts';

const certificates = testCertificates();
const user = nkeys.createUser();
const seed = new TextDecoder().decode(user.getSeed());
const closed = await testNats({
  lines: [
    `authorization { users: [{ user: "sluice", password: "pa:ss@word" }, { nkey: ${user.getPublicKey()} }] }`,
  ],
});
const address = closed.url.replace('nats://', '');

/** Connects as the settings say, once, and asks something. @param timeout of the connection, in milliseconds. */
async function ask(env: Record<string, string>, timeout = 20_000): Promise<void> {
  const access = accessOptions(busOptionsOf(natsConfigOf(env)));
  const nc = await connect({ ...access, timeout, maxReconnectAttempts: 0 });
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

if (certificates) {
  const { ca, server, client, stranger } = certificates;
  const tls = `cert_file: "${server.certFile}", key_file: "${server.keyFile}", timeout: 5`;
  const secured = await testNats({ lines: [`tls { ${tls} }`] });
  const mutual = await testNats({ lines: [`tls { ${tls}, ca_file: "${ca.certFile}", verify: true }`] });

  describe('a NATS with a certificate of its own authority', () => {
    it.each(['localhost', '127.0.0.1'])(
      'is trusted by that authority, and by no other, as %s',
      async (host) => {
        const NATS_URL = `nats://${host}:${secured.port}`;
        await ask({ NATS_URL, NATS_CA: ca.cert });
        await expect(ask({ NATS_URL })).rejects.toThrow(/certificate/i);
        await expect(ask({ NATS_URL, NATS_CA: stranger.cert })).rejects.toThrow(/certificate/i);
      },
    );

    it('is needed where the settings speak of TLS: no client falls back to none', async () => {
      await expect(ask({ NATS_URL: `tls://${address}`, NATS_NKEY: seed })).rejects.toThrow(
        /does not support 'tls'/,
      );
      await expect(ask({ NATS_URL: address, NATS_NKEY: seed, NATS_CA: ca.cert })).rejects.toThrow(/'tls'/);
      await ask({ NATS_URL: `tls://localhost:${secured.port}`, NATS_CA: ca.cert });
    });

    it('that asks for one of its clients takes the one that it knows, and no other', async () => {
      const known = { NATS_URL: `nats://localhost:${mutual.port}`, NATS_CA: ca.cert };
      await ask({ ...known, NATS_CERT: client.cert, NATS_CERT_KEY: client.key });
      // The server ends the connection without a word, and the client waits for one.
      const strange = { ...known, NATS_CERT: stranger.cert, NATS_CERT_KEY: stranger.key };
      for (const env of [known, strange]) await expect(ask(env, 1_000)).rejects.toThrow();
    });
  });
} else it.skip('a NATS with a certificate of its own authority (needs openssl)');

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
