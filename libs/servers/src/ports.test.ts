import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { freePort, requireFreePort } from './ports.ts';

it('chooses a port that no outgoing connection is given, and that can be listened on', async () => {
  const port = await freePort();
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_768);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  await expect(requireFreePort(port, '127.0.0.1', 'a test')).rejects.toThrow('taken by another program');
  server.close();
});
