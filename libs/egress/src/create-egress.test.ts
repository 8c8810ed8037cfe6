import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEgress, type Egress, type EgressOptions } from './create-egress.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let origin: string;
let handler: Handler;
let requests: IncomingMessage[];
const opened: Egress[] = [];

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const egress of opened.splice(0)) await egress.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function egressWith(options: Partial<EgressOptions> = {}): Egress {
  const egress = createEgress({ allowHosts: [], trustedOrigins: [origin], ...options });
  opened.push(egress);
  return egress;
}

describe('fetch', () => {
  it('gives status, headers, body and address', async () => {
    handler = (_request, response) => response.writeHead(404, { 'x-a': '1' }).end('nothing here');
    const answer = await egressWith({ userAgent: 'sluice/test' }).getBytes(`${origin}/a`, {
      accept: 'text/plain',
    });
    expect(answer).toMatchObject({ status: 404, url: `${origin}/a`, headers: { 'x-a': '1' } });
    expect(answer.bytes.toString()).toBe('nothing here');
    expect(requests[0]!.headers).toMatchObject({
      'user-agent': 'sluice/test',
      accept: 'text/plain',
      'accept-encoding': 'identity',
    });
  });

  it('decompresses compressed answers, under the same limit', async () => {
    handler = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
    const egress = egressWith();
    expect((await egress.getBytes(origin, { compressed: true })).bytes).toHaveLength(1_000_000);
    await expect(egress.getBytes(origin, { compressed: true, maxBytes: 999_999 })).rejects.toMatchObject({
      code: 'egress.too-large',
    });
    // An archive that is labelled so is left as it is: its bytes are what is verified.
    expect((await egress.getBytes(origin)).bytes.length).toBeLessThan(10_000);
  });

  it('follows redirects that pass the rules, without the headers of the first host', async () => {
    const other = createServer((request, response) => {
      requests.push(request);
      response.end('moved here');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const otherOrigin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    handler = (_request, response) => response.writeHead(302, { location: `${otherOrigin}/b` }).end();
    const egress = egressWith({ trustedOrigins: [origin, otherOrigin] });
    const rest = { from: 7, validator: '"v1"' };
    const answer = await egress.getBytes(origin, { headers: { authorization: 'Bearer x' }, rest });
    await egress.close();
    other.close();
    expect([answer.bytes.toString(), answer.url]).toEqual(['moved here', `${otherOrigin}/b`]);
    expect(requests.map((request) => request.headers.authorization)).toEqual(['Bearer x', undefined]);
    // Which part is wanted is no secret, and the file's own host has to know.
    for (const { headers } of requests)
      expect(headers).toMatchObject({ range: 'bytes=7-', 'if-range': '"v1"' });
  });

  it.each([
    'http://169.254.169.254/',
    'https://127.0.0.1:1/',
    '//user@127.0.0.1/',
    'file:///etc/passwd',
    'http://',
  ])('refuses a redirect to %s', async (location) => {
    handler = (_request, response) => response.writeHead(301, { location }).end();
    await expect(egressWith().fetch(origin)).rejects.toMatchObject({ code: 'egress.forbidden' });
    expect(requests).toHaveLength(1);
  });

  it('sends nothing to a host that is paused, not by a redirect either, and says who paused it', async () => {
    let paused = new URL(origin).host;
    const egress = egressWith({
      paused: (host) => (host === paused ? `${host} is paused by mira` : undefined),
    });
    await expect(egress.fetch(origin)).rejects.toMatchObject({
      code: 'upstream.paused',
      host: paused,
      message: `${paused} is paused by mira`,
    });
    expect(requests).toHaveLength(0);
    paused = 'elsewhere.example';
    handler = (_request, response) =>
      response.writeHead(302, { location: 'https://elsewhere.example/' }).end();
    const redirected = egressWith({
      allowHosts: [paused],
      paused: (host) => (host === paused ? 'paused' : undefined),
      resolve: () => Promise.reject(new Error('nobody may ask where a paused host is')),
    });
    await expect(redirected.fetch(origin)).rejects.toMatchObject({ code: 'upstream.paused', host: paused });
  });

  it('posts a body, and follows no redirect of it', async () => {
    let body = '';
    handler = (request, response) => {
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => response.writeHead(307, { location: `${origin}/elsewhere` }).end());
    };
    const post = { body: 'a=1', type: 'application/x-www-form-urlencoded' };
    expect((await egressWith().getBytes(`${origin}/token`, { post })).status).toBe(307);
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /token']);
    expect(requests[0]!.headers['content-type']).toBe(post.type);
    expect(body).toBe('a=1');
  });

  it('gives up on the sixth redirect', async () => {
    handler = (_request, response) => response.writeHead(307, { location: '/again' }).end();
    await expect(egressWith().fetch(origin)).rejects.toMatchObject({ code: 'egress.forbidden' });
    expect(requests).toHaveLength(6);
  });

  it.each([408, 429, 500, 502, 503, 504])('calls status %d an outage of the host', async (status) => {
    handler = (_request, response) => response.writeHead(status, { 'retry-after': '7' }).end();
    await expect(egressWith().fetch(origin)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'registry.unavailable',
      host: new URL(origin).host,
      retryAfterMs: 7000,
    });
  });

  it('calls a refused connection and a silent host outages', async () => {
    handler = () => undefined;
    const outage = { name: 'TransientError', code: 'registry.unavailable', host: new URL(origin).host };
    await expect(egressWith({ timeouts: { deadlineMs: 30 } }).fetch(origin)).rejects.toMatchObject(outage);
    const refused = 'http://127.0.0.1:1';
    const egress = egressWith({ trustedOrigins: [refused] });
    await expect(egress.fetch(refused)).rejects.toMatchObject({ ...outage, host: '127.0.0.1:1' });
  });

  it('cuts a body that trickles at the deadline; the host is up, so that counts', async () => {
    handler = (request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 5);
      request.once('close', () => clearInterval(timer));
    };
    await expect(egressWith({ timeouts: { deadlineMs: 60 } }).getBytes(origin)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'registry.unavailable',
      host: undefined,
    });
  });

  it('tells a body that breaks off from an outage', async () => {
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    };
    const error = await egressWith()
      .getBytes(origin)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'TransientError', code: 'egress.broken-off', host: undefined });
  });

  it('refuses an answer that is too large, by its header and by its bytes', async () => {
    handler = (_request, response) => response.end(Buffer.alloc(1001));
    await expect(egressWith({ maxBytes: 1000 }).fetch(origin)).rejects.toMatchObject({
      code: 'egress.too-large',
    });
    handler = (_request, response) => {
      response.write(Buffer.alloc(600));
      response.end(Buffer.alloc(600));
    };
    await expect(egressWith({ maxBytes: 1000 }).getBytes(origin)).rejects.toMatchObject({
      code: 'egress.too-large',
    });
  });

  it("stops with the caller's reason", async () => {
    const reason = new Error('stopping');
    const controller = new AbortController();
    handler = () => controller.abort(reason);
    await expect(egressWith().fetch(origin, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('keeps to the slots of a host, and gives them back when bodies end, fail or are dropped', async () => {
    let active = 0;
    let most = 0;
    handler = (request, response) => {
      active += 1;
      most = Math.max(most, active);
      response.once('close', () => (active -= 1));
      if (request.url === '/fail') response.destroy();
      else setImmediate(() => response.end('x'));
    };
    const egress = egressWith({ perHostConcurrency: 2 });
    const dropped = await egress.fetch(`${origin}/drop`);
    dropped.body.destroy();
    const paths = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? '/fail' : '/ok'));
    const results = await Promise.allSettled(paths.map((path) => egress.getBytes(origin + path)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
    expect(most).toBeLessThanOrEqual(2);
  });
});
