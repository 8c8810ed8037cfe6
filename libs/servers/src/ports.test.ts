import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { freePort, isFreePort, requireFreePort, requireOwnAddress } from './ports.ts';
import { SetupError } from './setup-error.ts';

it('finds a port that can be used', async () => {
  await expect(requireFreePort(await freePort(), '127.0.0.1', 'the test')).resolves.toBeUndefined();
});

it('chooses none that an outgoing connection may be given', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  for (const port of ports) expect(port).toBeLessThan(32_768);
});

it('names the port that is taken and the remedy', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await isFreePort(port)).toBe(false);
  const failure = await requireFreePort(port, '127.0.0.1', 'the API').catch((error: unknown) => error);
  server.close();
  expect(failure).toBeInstanceOf(SetupError);
  expect(failure).toMatchObject({
    message: expect.stringMatching(`${port}.*the API.*taken`),
    remedy: expect.stringContaining('port'),
  });
});

it.each(['300.1.1.1', '192.0.2.1', 'nowhere.example'])('says that nothing can listen at %s', async (host) => {
  await expect(requireOwnAddress(host)).rejects.toMatchObject({
    name: 'SetupError',
    message: expect.stringContaining(host),
  });
  await expect(requireOwnAddress('127.0.0.1')).resolves.toBeUndefined();
});

it('never gives a port twice: its server may not listen yet', async () => {
  const ports = await Promise.all(Array.from({ length: 500 }, () => freePort()));
  expect(new Set(ports).size).toBe(500);
});
