import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Hono } from 'hono';
import { expect, describe, it, onTestFinished } from 'vitest';
import type { DrainLimits } from './drain-request.ts';
import { listen } from './http-server.ts';
import { errorResponse } from './problem.ts';
import { readBody } from './read-body.ts';

const app = new Hono();
app.onError((error, c) => errorResponse(c, error));
app.post('/', async (c) => c.text(String((await readBody(c.req.raw, 100_000, 60_000)).length)));
app.get('/', (c) => c.text('read'));

async function start(drain?: DrainLimits) {
  const server = await listen(app, { host: '127.0.0.1', port: 0, ...(drain ? { drain } : {}) });
  onTestFinished(server.stop);
  return server;
}

function connect(url: string): Socket {
  const { hostname, port } = new URL(url);
  return createConnection({ host: hostname, port: Number(port) });
}

const head = (lines: string[]) =>
  `${[...lines, 'host: localhost', 'content-type: application/json'].join('\r\n')}\r\n\r\n`;
const chunk = Buffer.alloc(64 * 1024, ' ');
const hexChunk = (data: Buffer) =>
  Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);

/**
 * Sends a request as simple clients do, all of it before anything is read and with a pause in the middle, and another one
 * after it.
 * @returns all answers, up to that of the other request.
 */
async function send(lines: string[], bodyBytes: number): Promise<string> {
  const { url } = await start();
  const socket = connect(url);
  onTestFinished(() => void socket.destroy());
  const failed = once(socket, 'error').then(([error]) => Promise.reject(error as Error));
  const write = (data: Buffer | string) =>
    Promise.race([new Promise<void>((resolve) => socket.write(data, () => resolve())), failed]);
  const isChunked = lines.includes('transfer-encoding: chunked');
  await write(head(lines));
  const pauseAt = bodyBytes / 2;
  for (let sent = 0; sent < bodyBytes; sent += chunk.length) {
    // Longer than the library that the server is built on would wait.
    if (sent <= pauseAt && pauseAt < sent + chunk.length) await setTimeout(700);
    const data = chunk.subarray(0, Math.min(chunk.length, bodyBytes - sent));
    await write(isChunked ? hexChunk(data) : data);
  }
  await write(`${isChunked ? '0\r\n\r\n' : ''}${head(['GET / HTTP/1.1'])}`);
  let received = '';
  for await (const data of socket) {
    received += String(data);
    if (received.endsWith('\r\n\r\nread')) break;
  }
  return received;
}

describe('a body that is refused', () => {
  const bytes = 20_000_000;
  const length = `content-length: ${bytes}`;
  it.each([
    ['by its length', [length], 413],
    ['by its encoding', [length, 'content-encoding: gzip'], 415],
    ['after its beginning', ['transfer-encoding: chunked'], 413],
  ])('%s is answered to a client that sends all of it first, and slowly', async (_, headers, status) => {
    const received = await send(['POST / HTTP/1.1', ...headers], bytes);
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    // The connection is as good as before.
    expect(received).toMatch(/\r\n\r\n.*HTTP\/1.1 200 OK\r\n.*\r\n\r\nread$/s);
  });

  it('is answered on a connection that closes after it, once the client has sent all of it', async () => {
    const { url } = await start();
    const socket = connect(url);
    const failed = once(socket, 'error').then(([error]) => Promise.reject(error as Error));
    const write = (data: Buffer | string) =>
      Promise.race([new Promise<void>((resolve) => socket.write(data, () => resolve())), failed]);
    await write(head(['POST / HTTP/1.1', length, 'connection: close']));
    for (let sent = 0; sent < bytes; sent += chunk.length)
      await write(chunk.subarray(0, Math.min(chunk.length, bytes - sent)));
    let received = '';
    for await (const data of socket) received += String(data);
    expect(received).toMatch(/^HTTP\/1.1 413 .*input\.too-large/s);
  });

  it('and does not end has its connection closed', async () => {
    const few = await start({ maxBytes: 1_000_000, maxMs: 60_000 });
    const soon = await start({ maxBytes: bytes, maxMs: 1 });
    for (const { url } of [few, soon]) {
      const socket = connect(url);
      socket.on('error', () => {}).resume();
      socket.write(head(['POST / HTTP/1.1', 'content-length: 999999999']));
      const write = () => void socket.write(chunk, (error) => (error ? undefined : write()));
      write();
      // The client sees a reset, which is right here.
      await new Promise((resolve) => socket.on('close', resolve));
    }
  });
});

it('a connection that is idle is kept for longer than clients and proxies keep it', async () => {
  const received = await send(['POST / HTTP/1.1', 'content-length: 10'], 10);
  expect(received).toMatch(/^HTTP\/1.1 200 OK\r\n.*keep-alive: timeout=75\r\n/is);
});
