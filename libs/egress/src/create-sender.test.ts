import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCodeOf } from '@sluice/contracts';
import { afterAll, expect, it } from 'vitest';
import { createSender } from './create-sender.ts';

let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
const seen: { method: string; body: string; headers: IncomingMessage['headers'] }[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    seen.push({ method: request.method!, body, headers: request.headers });
    answer(request, response);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const limits = { deadlineMs: 400, answerMaxBytes: 4_096, perHost: 4, userAgent: 'sluice/test' };
const sender = createSender({ ...limits, allowHosts: ['*'], trustedOrigins: [origin] });
const strict = createSender({ ...limits, allowHosts: ['*'] });
afterAll(async () => {
  await sender.close();
  await strict.close();
  server.closeAllConnections();
  server.close();
});
const post = (path = '/') => sender.post(origin + path, { body: '{"a":1}', headers: { 'x-own': 'yes' } });

it('sends the body and the headers as they are', async () => {
  answer = (_, response) => response.writeHead(202, { 'retry-after': '7' }).end('taken');
  expect(await post()).toMatchObject({ status: 202, text: 'taken', headers: { 'retry-after': '7' } });
  expect(seen.at(-1)).toMatchObject({
    method: 'POST',
    body: '{"a":1}',
    headers: { 'x-own': 'yes', 'user-agent': 'sluice/test' },
  });
});

it.each([301, 302, 307, 308, 410, 429, 503])(
  'hands a status of %i to its caller, and follows nothing',
  async (status) => {
    const before = seen.length;
    answer = (_, response) => response.writeHead(status, { location: `${origin}/elsewhere` }).end();
    expect((await post()).status).toBe(status);
    expect(seen.length - before).toBe(1);
  },
);

it('reads the beginning of an endless answer alone', async () => {
  answer = (_, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(1_000)));
      response.once('drain', more);
    };
    response.writeHead(200);
    more();
  };
  expect((await post()).text).toBe('x'.repeat(4_096));
});

it('takes the status of an answer whose body does not end', async () => {
  answer = (_, response) => void response.writeHead(200).write('so far');
  expect(await post()).toMatchObject({ status: 200, text: 'so far' });
});

it('gives up on a receiver that does not answer', async () => {
  answer = () => {};
  await expect(post()).rejects.toMatchObject({ code: 'registry.unavailable' });
});

it.each([
  'http://127.0.0.1:1/',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://169.254.169.254/latest/meta-data',
  'https://10.0.0.1/',
  'https://0x7f.1/',
  'http://receiver.example/',
  'https://user@receiver.example/',
  'ftp://receiver.example/',
])('sends nothing to %s', async (url) => {
  const before = seen.length;
  const error = await strict.post(url, { body: '{}', headers: {} }).catch((caught: unknown) => caught);
  expect(errorCodeOf(error)).toBe('egress.forbidden');
  expect(seen.length).toBe(before);
});

it('refuses a name that resolves to a private address when it connects', async () => {
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const rebound = createSender({ ...limits, allowHosts: ['*'], resolve });
  await expect(rebound.post('https://receiver.example/', { body: '{}', headers: {} })).rejects.toMatchObject({
    code: 'egress.forbidden',
  });
  await rebound.close();
});
