import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { testCertificates } from '@sluice/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { areBoth, createListener, tlsIdentity } from './http-listener.ts';

const certificates = testCertificates();

async function listening(tls: Parameters<typeof createListener>[0]): Promise<{ url: string }> {
  const { server, scheme } = createListener(tls, {}, (_request, response) => void response.end('hello'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const read = (url: string, ca: string) =>
  new Promise<string>((resolve, reject) => {
    const request = get(url, { ca }, (response) => {
      response.setEncoding('utf8');
      response.on('data', resolve);
    });
    request.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code)));
  });

it('serves plain HTTP without a certificate', async () => {
  const { url } = await listening(undefined);
  expect(await (await fetch(url)).text()).toBe('hello');
});

it.skipIf(!certificates)('serves HTTPS with one, to who knows its authority', async () => {
  const { ca, server, stranger } = certificates!;
  const { url } = await listening({ cert: server.cert, key: server.key });
  expect(await read(url, ca.cert)).toBe('hello');
  await expect(read(url, stranger.cert)).rejects.toThrow('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
});

it.skipIf(!certificates)('does not start with a key of another certificate', () => {
  const { server, stranger } = certificates!;
  const start = () => createListener({ cert: server.cert, key: stranger.key }, {}, () => {});
  expect(start).toThrow(/key values mismatch/);
});

it('takes a certificate and its key together or not at all', () => {
  expect(tlsIdentity('cert', 'key')).toEqual({ cert: 'cert', key: 'key' });
  expect(tlsIdentity(undefined, undefined)).toBeUndefined();
  expect([areBoth('a', 'b'), areBoth(undefined, undefined), areBoth('a', undefined)]).toEqual([
    true,
    true,
    false,
  ]);
});
