import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createEgress, type Egress } from '@sluice/egress';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Registry, RegistrySettings } from '@sluice/registries';
import { npmClient } from './registry.ts';

let server: Server;
let origin: string;
let egress: Egress;
let registry: Registry;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let paths: string[];
const { signal } = new AbortController();
const open = (settings: Partial<RegistrySettings> & { url: string }, through = egress) =>
  npmClient.open({ scopes: new Map(), credentials: [], ...settings }, through);

beforeEach(async () => {
  paths = [];
  server = createServer((request, response) => {
    paths.push(request.url!);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  egress = createEgress({ allowHosts: [], trustedOrigins: [origin] });
  registry = open({ url: `${origin}/npm` });
});
afterEach(async () => {
  await egress.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const version = (number: string, more: object = {}) => ({
  name: 'pkg',
  version: number,
  dist: {
    tarball: `https://mirror.example/pkg/-/pkg-${number}.tgz`,
    integrity: 'sha512-x',
    shasum: 'a'.repeat(40),
  },
  ...more,
});
const serve = (body: unknown, status = 200) => {
  answer = (_request, response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
};

describe('manifest', () => {
  it('says what a version gained, and since when the registry has each new dependency', async () => {
    const packuments: Record<string, unknown> = {
      '/npm/pkg': {
        versions: {
          '1.0.0': version('1.0.0', { dependencies: { old: '1' }, _npmUser: { name: 'mira' } }),
          '1.0.1': version('1.0.1', {
            dependencies: { old: '1', young: '1' },
            optionalDependencies: { absent: '1' },
            _npmUser: { name: 'otto' },
          }),
        },
      },
      '/npm/young': { versions: {}, time: { created: '2026-05-01T00:00:00.000Z' } },
    };
    answer = ({ url }, response) => {
      const packument = packuments[url ?? ''];
      response.writeHead(packument ? 200 : 404).end(JSON.stringify(packument ?? {}));
    };
    const { gained } = await registry.manifest('pkg', '1.0.1', signal);
    expect(gained).toEqual({
      since: '1.0.0',
      publisherBefore: 'mira',
      dependencies: [
        { name: 'young', firstSeenAt: '2026-05-01T00:00:00.000Z' },
        { name: 'absent', firstSeenAt: null },
      ],
    });
  });

  it('says everything about a version in one read', async () => {
    const manifest = version('1.1.0', {
      license: 'MIT',
      deprecated: 'use something else',
      repository: { type: 'git', url: 'git+https://code.example/pkg.git' },
      scripts: { postinstall: 'node x.js', test: 'node test.js' },
      dist: {
        ...version('1.1.0').dist,
        unpackedSize: 10,
        fileCount: 2,
      },
    });
    serve({
      versions: { '1.0.0': version('1.0.0'), '1.1.0': manifest },
      time: { '1.0.0': '2020-01-01T00:00:00.000Z', '1.1.0': '2021-01-01T00:00:00.000Z' },
      'dist-tags': { latest: '1.1.0', odd: 'not a version', none: null },
    });
    const none = expect.objectContaining({ status: 'unavailable' }) as unknown;
    expect(await registry.manifest('pkg', '1.1.0', signal)).toEqual({
      tags: { latest: '1.1.0' },
      raw: manifest,
      license: 'MIT',
      publishedAt: '2021-01-01T00:00:00.000Z',
      firstSeenAt: null,
      withdrawn: { how: 'deprecated', reason: 'use something else' },
      publisher: null,
      runsAtInstall: ['postinstall'],
      previousRanAtInstall: false,
      gained: { since: '1.0.0', publisherBefore: null, dependencies: [] },
      repositoryUrl: 'git+https://code.example/pkg.git',
      files: [
        {
          file: 'pkg-1.1.0.tgz',
          kind: 'tarball',
          platform: null,
          sizeBytes: null,
          url: 'https://mirror.example/pkg/-/pkg-1.1.0.tgz',
          hashes: [{ algorithm: 'sha1', hex: 'a'.repeat(40) }],
          signature: none,
          provenance: none,
        },
      ],
      provenanceBefore: { version: '1.0.0', provenance: none },
    });
    // Nothing that is signed is stated, so that no key is asked for.
    expect(paths).toEqual(['/npm/pkg']);
  });

  it('takes a field that a registry does not serve for unknown', async () => {
    serve({ versions: { '1.0.0': { dist: { tarball: 't' } } } });
    expect(await registry.manifest('pkg', '1.0.0', signal)).toMatchObject({
      license: undefined,
      publishedAt: null,
      previousRanAtInstall: null,
      withdrawn: null,
      files: [{ file: 'pkg-1.0.0.tgz', url: 't', sizeBytes: null, hashes: [] }],
    });
  });

  it('lives with manifests that hold anything', async () => {
    const odd = version('0.0.1', {
      license: '',
      licenses: [{ type: 'MIT' }],
      scripts: 7,
      repository: [],
      deprecated: false,
      gypfile: true,
    });
    serve({
      versions: { '0.0.1': odd, bad: null, '0.0.0': 5 },
      time: { '0.0.1': 'yesterday', unpublished: {} },
    });
    expect(await registry.manifest('pkg', '0.0.1', signal)).toMatchObject({
      license: [{ type: 'MIT' }],
      withdrawn: null,
      publishedAt: null,
      repositoryUrl: null,
      runsAtInstall: ['install'],
      previousRanAtInstall: null,
    });
  });

  it.each([
    '1',
    '0',
    '2011',
    'long ago 5',
    '1970-01-01T00:00:00.000Z',
    '2021-01-01',
    '2021-13-01T00:00:00Z',
    '',
  ])('takes %j for no publish time', async (time) => {
    serve({ versions: { '1.0.0': version('1.0.0') }, time: { '1.0.0': time } });
    expect(await registry.manifest('pkg', '1.0.0', signal)).toMatchObject({ publishedAt: null });
  });

  it('writes scoped names as registries expect them', async () => {
    serve({ versions: { '1.0.0': version('1.0.0') } });
    await registry.manifest('@scope/name', '1.0.0', signal);
    expect(paths).toEqual(['/npm/@scope%2fname']);
  });

  it.each(['', '..', '.', '@/x', '@a/..', 'a/b', '@a/b/c', '../other'])(
    'asks for no package called %j',
    async (name) => {
      await expect(registry.manifest(name, '1.0.0', signal)).rejects.toMatchObject({
        code: 'registry.version-not-found',
      });
      expect(paths).toEqual([]);
    },
  );

  it.each([404, 410, 451])('is final about status %d', async (status) => {
    serve('{}', status);
    await expect(registry.manifest('pkg', '1.0.0', signal)).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'registry.version-not-found',
    });
  });

  it.each(['2.0.0', 'constructor', '__proto__'])('is final about the missing version %s', async (missing) => {
    serve('{"versions":{"1.0.0":{},"__proto__":{"dist":{"tarball":"t"}}}}');
    await expect(registry.manifest('pkg', missing, signal)).rejects.toMatchObject({
      code: 'registry.version-not-found',
    });
  });

  it('is final about a package that was unpublished whole', async () => {
    serve({ name: 'pkg', time: { unpublished: { time: '2020-01-01' } } });
    await expect(registry.manifest('pkg', '1.0.0', signal)).rejects.toMatchObject({
      code: 'registry.version-not-found',
    });
  });

  const packument = { versions: { '1.0.0': version('1.0.0') } };
  const html = '<html>Sign in to the network</html>';
  const asPortal = () => {
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  };
  const awayTo = (location: string) => {
    answer = (_request, response) => response.writeHead(302, { location }).end();
  };
  /** Answers one path as given, and every other as a registry does. */
  const serveOnly = (broken: string, body: string, status = 200) => {
    answer = ({ url }, response) => {
      if (url === broken) response.writeHead(status).end(body);
      else if (url === '/npm/pkg') response.writeHead(200).end(JSON.stringify(packument));
      else response.writeHead(404).end('{}');
    };
  };
  const outage = () => ({
    name: 'TransientError',
    code: 'registry.unusable-answer',
    host: new URL(origin).host,
  });

  it.each<[string, () => void]>([
    ['a page for everything', asPortal],
    ['a redirect to a portal', () => awayTo('https://portal.example/login')],
    ['a redirect to a portal inside', () => awayTo('http://10.0.0.1/login')],
    ['JSON that is no packument', () => serve({})],
    ['a list', () => serve([])],
    ['nothing', () => serve('')],
    ['a refusal of everything', () => serve({ error: 'who are you?' }, 401)],
    ['an odd status', () => serve({}, 418)],
  ])('calls %s an outage of the host, and asks afresh', async (_name, begin) => {
    begin();
    await expect(registry.manifest('pkg', '1.0.0', signal)).rejects.toMatchObject(outage());
    serve(packument);
    await registry.manifest('pkg', '1.0.0', signal);
    // It is known now what a good answer is.
    begin();
    await expect(registry.manifest('other', '1.0.0', signal)).rejects.toMatchObject(outage());
  });

  it.each<[string, string, number, object]>([
    ['a page', html, 200, { name: 'TransientError', code: 'registry.invalid-metadata', host: undefined }],
    ['JSON of another shape', '{}', 200, { name: 'PermanentError', code: 'registry.invalid-metadata' }],
    ['a refusal', '{}', 403, { name: 'PermanentError', code: 'registry.version-not-found' }],
  ])('calls %s for one package its own fault while the host is well', async (_name, body, status, own) => {
    serveOnly('/npm/poison', body, status);
    await registry.manifest('pkg', '1.0.0', signal);
    await expect(registry.manifest('poison', '1.0.0', signal)).rejects.toMatchObject(own);
    // Also when it is the only work there is: a registry does not have everything.
    const fresh = open({ url: `${origin}/npm` });
    await expect(fresh.manifest('poison', '1.0.0', signal)).rejects.toMatchObject(own);
    expect(paths.at(-1)).toMatch(/^\/npm\/sluice-probe-/);
  });

  it('is final about an entry of one version that cannot be read', async () => {
    for (const entry of [{ dist: {} }, null]) {
      serve({ versions: { '1.0.0': entry } });
      const fresh = open({ url: `${origin}/npm` });
      await expect(fresh.manifest('pkg', '1.0.0', signal)).rejects.toMatchObject({
        name: 'PermanentError',
        code: 'registry.invalid-metadata',
      });
    }
  });

  it('reads once for ten versions, at the same time and afterwards', async () => {
    const numbers = Array.from({ length: 10 }, (_, i) => `1.0.${i}`);
    serve({ versions: Object.fromEntries(numbers.map((number) => [number, version(number)])) });
    const together = await Promise.all(
      numbers.slice(0, 8).map((number) => registry.manifest('pkg', number, signal)),
    );
    expect(together.map(({ raw }) => raw.version)).toEqual(numbers.slice(0, 8));
    await registry.manifest('pkg', numbers[8]!, signal);
    await registry.manifest('pkg', numbers[9]!, signal);
    expect(paths).toEqual(['/npm/pkg']);
  });

  it('reads on for the others when one caller goes away', async () => {
    let respond: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        respond = () => response.end(JSON.stringify({ versions: { '1.0.0': version('1.0.0') } }));
        resolve();
      };
    });
    const leaver = new AbortController();
    const left = registry.manifest('pkg', '1.0.0', leaver.signal);
    const stays = registry.manifest('pkg', '1.0.0', signal);
    await asked;
    leaver.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    respond!();
    expect((await stays).raw.version).toBe('1.0.0');
  });

  it('reads the version alone when the packument is too large to read', async () => {
    answer = (request, response) => {
      if (request.url === '/npm/pkg')
        response.writeHead(200, { 'content-length': String(49 * 1024 * 1024) }).flushHeaders();
      else response.end(JSON.stringify(version('1.0.0', { license: 'ISC' })));
    };
    expect(await registry.manifest('pkg', '1.0.0', signal)).toMatchObject({
      license: 'ISC',
      publishedAt: null,
    });
    expect(paths).toEqual(['/npm/pkg', '/npm/pkg/1.0.0']);
  });
});

describe('the token', () => {
  it('goes to the registry and to no other host', async () => {
    const other = createServer((request, response) => {
      seen.push(`other ${request.headers.authorization}`);
      response.end('bytes');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const otherOrigin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const seen: string[] = [];
    answer = (request, response) => {
      seen.push(`registry ${request.headers.authorization}`);
      if (request.url!.includes('/-/')) response.writeHead(302, { location: `${otherOrigin}/moved` }).end();
      else response.end(JSON.stringify({ versions: { '1.0.0': version('1.0.0') } }));
    };
    const both = createEgress({ allowHosts: [], trustedOrigins: [origin, otherOrigin] });
    const withToken = open(
      {
        url: `${origin}/npm/`,
        credentials: [{ below: `${origin}/npm/`, authorization: 'Bearer secret' }],
      },
      both,
    );
    await withToken.manifest('pkg', '1.0.0', signal);
    await text((await withToken.tarball(`${origin}/npm/pkg/-/pkg-1.0.0.tgz`, signal))!.body);
    await text((await withToken.tarball(`${otherOrigin}/files/1.tgz`, signal))!.body);
    await both.close();
    other.close();
    expect(seen).toEqual([
      'registry Bearer secret',
      'registry Bearer secret',
      'other undefined',
      'other undefined',
    ]);
  });
});

describe('tarball', () => {
  it.each([
    ['https://mirror.example/pkg/-/pkg-1.0.0.tgz', '/npm/pkg/-/pkg-1.0.0.tgz'],
    ['http://mirror.example/some/path/@scope/name/-/name-1.0.0.tgz', '/npm/@scope/name/-/name-1.0.0.tgz'],
    ['https://mirror.example/@scope%2fname/-/name-1.0.0.tgz', '/npm/@scope%2fname/-/name-1.0.0.tgz'],
  ])('fetches %s from the configured registry', async (url, path) => {
    serve('bytes');
    expect(await text((await registry.tarball(url, signal))!.body)).toBe('bytes');
    expect(paths).toEqual([path]);
  });

  it('takes packages of a scope from its registry, with the credentials of that', async () => {
    const seen: unknown[] = [];
    answer = ({ url, headers }, response) => {
      seen.push([url, headers.authorization]);
      response.end(JSON.stringify({ versions: { '1.0.0': version('1.0.0') } }));
    };
    const scoped = open({
      url: `${origin}/npm`,
      scopes: new Map([['@corp', `${origin}/corp`]]),
      credentials: [
        { below: `//${new URL(origin).host}/corp/`, authorization: 'Bearer corp' },
        { below: `//${new URL(origin).host}/npm/`, authorization: 'Bearer npm' },
      ],
    });
    await scoped.manifest('@corp/pkg', '1.0.0', signal);
    await scoped.manifest('pkg', '1.0.0', signal);
    await text((await scoped.tarball('https://mirror.example/@corp/pkg/-/pkg-1.0.0.tgz', signal))!.body);
    await text((await scoped.tarball('https://mirror.example/pkg/-/pkg-1.0.0.tgz', signal))!.body);
    expect(seen).toEqual([
      ['/corp/@corp%2fpkg', 'Bearer corp'],
      ['/npm/pkg', 'Bearer npm'],
      ['/corp/@corp/pkg/-/pkg-1.0.0.tgz', 'Bearer corp'],
      ['/npm/pkg/-/pkg-1.0.0.tgz', 'Bearer npm'],
    ]);
  });

  it('fetches an address of the registry as it stands', async () => {
    serve('bytes');
    await text((await registry.tarball(`${origin}/npm/-/files/1.tgz`, signal))!.body);
    expect(paths).toEqual(['/npm/-/files/1.tgz']);
  });

  it.each([
    'https://elsewhere.example/files/1.tgz',
    'http://169.254.169.254/latest',
    'file:///etc/passwd',
    '',
  ])('leaves %j to the egress rules', async (url) => {
    await expect(registry.tarball(url, signal)).rejects.toMatchObject({ code: 'egress.forbidden' });
    expect(paths).toEqual([]);
  });

  it('says from which host it would come', () => {
    const { host } = new URL(origin);
    expect(registry.hostOf('pkg')).toBe(host);
    const hosts = [
      'https://mirror.example/pkg/-/pkg-1.0.0.tgz',
      'https://elsewhere.example:8443/files/1.tgz',
      'file:///etc/passwd',
      '',
    ].map((url) => registry.tarballHost(url));
    expect(hosts).toEqual([host, 'elsewhere.example:8443', null, null]);
  });

  it('says that there is none', async () => {
    serve('gone', 404);
    expect(await registry.tarball('https://mirror.example/pkg/-/pkg-1.0.0.tgz', signal)).toBeNull();
  });
});
