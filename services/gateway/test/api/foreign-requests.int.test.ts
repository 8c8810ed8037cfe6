import { once } from 'node:events';
import { connect } from 'node:net';
import { allowedHosts } from '@sluice/runtime';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertPackage, purlOf, testGateway } from '../gateway-kit.ts';
import { listen } from '../../src/http/http-server.ts';

/** A gateway in a container: it listens everywhere, and is known to people by one name. */
const { app, deps } = await testGateway({ isAllowedHost: allowedHosts('0.0.0.0', ['sluice.example']) });
let port: string;
let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  server = await listen(app, { host: '127.0.0.1', port: 0 });
  port = new URL(server.url).port;
  await insertPackage(deps.read, 'secret', { outcome: 'review' });
});
afterAll(() => server.stop());
beforeEach(() => deps.own`truncate submissions, outbox, outbox_waiting`);

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Sends a request exactly as it is written: clients that are well behaved would mend it. */
async function send(lines: string[], body = ''): Promise<Answer> {
  const socket = connect(Number(port), '127.0.0.1');
  const length = body ? [`content-length: ${Buffer.byteLength(body)}`] : [];
  // Not ended: the server would take that for a client that left.
  socket.write([...lines, ...length, 'connection: close', '', body].join('\r\n'));
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(socket, 'close');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [status = '', ...headers] = head.split('\r\n');
  const pairs = headers.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
  return {
    status: Number(status.split(' ')[1]),
    headers: Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])),
    body: rest.join('\r\n\r\n'),
  };
}

/** Requests to read, to submit and to decide; a later test shows that each does so from a program. */
const own = () => `127.0.0.1:${port}`;
const lockfile = packageLock(3, [{ name: 'a', version: '1.0.0' }]);
const decision = JSON.stringify({ by: 'mallory', reason: 'it is mine' });
const purl = encodeURIComponent(purlOf('secret'));
type Request = [method: string, path: string, type?: string, body?: string];
const read: Request = ['GET', `/v1/packages/${purl}`];
const submit: Request = ['POST', '/v1/requests', 'application/json', lockfile];
const decide: Request = ['POST', `/v1/packages/${purl}/approve`, 'application/json', decision];
const requests: [string, Request][] = [
  ['read', read],
  ['submit', submit],
  ['decide', decide],
];

function ask([method, path, type, body]: Request, headers: Record<string, string>): Promise<Answer> {
  const all = { host: own(), ...(type ? { 'content-type': type } : {}), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return send([`${method} ${path} HTTP/1.1`, ...lines], body);
}
const codeOf = ({ body }: Answer) => (JSON.parse(body.slice(body.indexOf('{'))) as { code: string }).code;
const submissions = async () => (await deps.own`select 1 from submissions`).length;

describe.each(requests)('a page of another origin cannot %s', (_, request) => {
  const evil = 'https://evil.example';
  /** Headers that browsers send with a request of a page, new browsers and old ones. */
  const pages: [string, Record<string, string>][] = [
    [
      'by fetch',
      { origin: evil, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    ],
    [
      'by fetch without CORS',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' },
    ],
    [
      'as an image',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    ],
    [
      'in a frame',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
    [
      'by a link or form',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    ],
    ['from a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
    ['from another port of this machine', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }],
    [
      'from a subdomain',
      { origin: 'https://blog.sluice.example', host: 'sluice.example', 'sec-fetch-site': 'same-site' },
    ],
    ['in a browser without Fetch Metadata', { origin: evil }],
    ['in such a browser, from a file', { origin: 'null' }],
    ['with words that are not known', { 'sec-fetch-site': 'same-origin, cross-site' }],
  ];
  it.each(pages)('%s', async (_how, headers) => {
    const answer = await ask(request, headers);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'origin.not-allowed']);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(answer.body).not.toContain('"verdict"');
    expect(await submissions()).toBe(0);
  });
});

describe.each(requests)('a page whose name was given this address cannot %s', (_, request) => {
  const names = [
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    'localhost.',
    '10.0.0.7',
    '0.0.0.0',
  ];
  it.each(names)('as %s', async (host) => {
    // Its browser takes the request for one to the page's own origin.
    const answer = await ask(request, {
      host,
      ...(request[0] === 'GET' ? undefined : { origin: `http://${host}` }),
      'sec-fetch-site': 'same-origin',
    } as Record<string, string>);
    expect([answer.status, codeOf(answer)]).toEqual([421, 'host.not-allowed']);
    expect(await submissions()).toBe(0);
  });
});

describe('media types that a form of another site can send, in a browser without either header', () => {
  it.each([
    ['text/plain', lockfile, 415, 'input.unsupported-media-type'],
    ['application/x-www-form-urlencoded', 'a=b', 415, 'input.unsupported-media-type'],
    [
      'multipart/form-data; boundary=y',
      `--y\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${lockfile}\r\n--y--\r\n`,
      400,
      'input.client-header-missing',
    ],
  ])('%s is not taken', async (type, body, status, code) => {
    for (const [method, path] of [submit, decide]) {
      const answer = await ask([method, path, type, body], {});
      const isForm = type.startsWith('multipart') && path === '/v1/requests';
      expect([answer.status, codeOf(answer)]).toEqual(
        isForm ? [status, code] : [415, 'input.unsupported-media-type'],
      );
    }
    expect(await submissions()).toBe(0);
  });

  it('the question of a browser whether a page may ask is answered with no leave', async () => {
    const answer = await ask(['OPTIONS', '/v1/requests'], {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-sluice-client',
    });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('the host that a request names', () => {
  it.each<[string, string[], number]>([
    ['none', ['GET /v1/stats HTTP/1.0'], 400],
    ['none, in HTTP/1.1', ['GET /v1/stats HTTP/1.1'], 400],
    ['two', ['GET /v1/stats HTTP/1.1', 'host: localhost', 'host: evil.example'], 400],
    ['two that are the same', ['GET /v1/stats HTTP/1.1', 'host: localhost', 'Host: localhost'], 400],
    ['another in the address', ['GET http://evil.example/v1/stats HTTP/1.1', 'host: localhost'], 421],
    ['another beside the address', ['GET http://localhost/v1/stats HTTP/1.1', 'host: evil.example'], 421],
    ['a user in the address', ['GET http://u@localhost/v1/stats HTTP/1.1', 'host: localhost'], 400],
    ['a user', ['GET /v1/stats HTTP/1.1', 'host: u@localhost'], 400],
    ['an empty one', ['GET /v1/stats HTTP/1.1', 'host:'], 421],
    ['an address in another form', ['GET /v1/stats HTTP/1.1', 'host: 0x7f.1'], 421],
    ['a path in it', ['GET /v1/stats HTTP/1.1', 'host: localhost/evil.example'], 400],
    ['localhost in capitals', ['GET /v1/stats HTTP/1.1', 'host: LOCALHOST'], 200],
    ['an IPv6 loopback', ['GET /v1/stats HTTP/1.1', 'host: [::1]:99'], 200],
    ['the configured name', ['GET /v1/stats HTTP/1.1', 'host: Sluice.example:8443'], 200],
    ['itself in the address', ['GET http://localhost/v1/stats HTTP/1.1', 'host: localhost'], 200],
  ])('%s', async (_, lines, status) => {
    const answer = await send(lines);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('may be an address for those who ask after the health of a container, and no strange name', async () => {
    for (const path of ['/livez', '/readyz', '/metrics']) {
      expect((await ask(['GET', path], { host: '10.1.2.3:8080' })).status).not.toBe(421);
      expect((await ask(['GET', path], { host: '[fd00::7]:8080' })).status).not.toBe(421);
      expect((await send([`GET ${path} HTTP/1.0`])).status).not.toBe(421);
      expect((await ask(['GET', path], { host: 'evil.example' })).status).toBe(421);
    }
    expect((await ask(['GET', '/v1/stats'], { host: '10.1.2.3:8080' })).status).toBe(421);
  });
});

describe('requests that are not foreign', () => {
  it('programs and the API’s own pages read, submit and decide', async () => {
    const page = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
    for (const headers of [{}, page, { ...page, origin: `http://${own()}` }]) {
      expect((await ask(read, headers)).status).toBe(200);
      expect((await ask(submit, headers)).status).toBe(202);
      // The command is sent; there is no aggregator here to answer it.
      expect(codeOf(await ask(decide, headers))).toBe('backend.unavailable');
    }
    const behindProxy = {
      host: 'sluice.example',
      origin: 'https://sluice.example',
      'sec-fetch-site': 'same-origin',
    };
    expect((await ask(submit, behindProxy)).status).toBe(202);
    expect((await ask(read, { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).status).toBe(200);
  });

  it('a link elsewhere opens the documentation', async () => {
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect((await ask(['GET', '/docs'], link)).status).toBe(200);
    expect((await ask(['GET', '/docs/scalar.js'], link)).status).toBe(403);
    expect((await ask(['GET', '/docs'], { ...link, 'sec-fetch-mode': 'no-cors' })).status).toBe(403);
  });
});

it('every answer has the headers that keep a browser from doing more with it than was meant', async () => {
  const answers = await Promise.all([
    ask(read, {}),
    ask(submit, {}),
    ask(decide, {}),
    ask(['GET', '/'], {}),
    ask(['GET', '/docs'], {}),
    ask(['GET', '/docs/start.js'], {}),
    ask(['GET', '/openapi.json'], {}),
    ask(['GET', '/readyz'], {}),
    ask(['GET', '/nowhere'], {}),
    ask(read, { host: 'evil.example' }),
    ask(read, { host: 'u@localhost' }),
    ask(read, { 'x-large': 'x'.repeat(20_000) }),
    send(['GARBAGE']),
  ]);
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
    });
    const scripts = /script-src ([^;]*)/.exec(headers['content-security-policy']!)?.[1] ?? 'none';
    expect(scripts).not.toContain('unsafe');
  }
  // The console, where it is built; else it leads to the API's page.
  const [home] = answers.splice(3, 1);
  expect([200, 302]).toContain(home!.status);
  expect(answers.map(({ status }) => status)).toEqual([
    200, 202, 503, 200, 200, 200, 200, 404, 421, 400, 431, 400,
  ]);
});
