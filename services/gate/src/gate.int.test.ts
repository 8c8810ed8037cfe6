import { randomUUID } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { publishRaw } from '@sluice/broker';
import { readSubmission, type EventData, type gateServed, type SluiceEvent } from '@sluice/contracts';
import { readEventLogUpTo } from '@sluice/delivery';
import { fakeNpmRegistry } from '@sluice/ecosystems/npm/testkit';
import { newKeyText, publishKeyRing, type KnownKey } from '@sluice/identity';
import { testNats, waitFor } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { gateKit, localKey } from '../test/gate-kit.ts';

const nats = await testNats();
const registry = await fakeNpmRegistry();
const kit = await gateKit(nats, registry.url);
const { approve, assessed, bus, decide, get, releaseOf, standings, until } = kit;
standings.push({
  purl: 'pkg:npm/known@1.0.0',
  scope: 'default',
  decision: {
    state: 'approved',
    by: { kind: 'policy', name: 'default' },
    reason: 'nothing found',
    at: '2024-02-01T00:00:00.000Z',
    until: null,
    sequence: 1,
  },
  release: await releaseOf('known', '1.0.0'),
  verdict: { outcome: 'approve', codes: [] },
});
let gate = await kit.start();
await until('/npm/known', 200);

const tarball = (name: string, version: string) => `/npm/${name}/-/${name.split('/').at(-1)}-${version}.tgz`;

describe('what is approved', () => {
  it('is served as document and archive, from the aggregator’s list and from events', async () => {
    await approve('@s/fresh', '1.0.0');
    await until('/npm/@s%2ffresh', 200);
    for (const name of ['known', '@s/fresh']) {
      const packument = (await get(`/npm/${name.replace('/', '%2f')}`)).json();
      expect(packument).toMatchObject({ name, 'dist-tags': { latest: '1.0.0' } });
      const { status, bytes, headers } = await get(tarball(name, '1.0.0'));
      expect([status, bytes.toString()]).toEqual([200, `bytes of ${name}@1.0.0`]);
      expect(headers['cache-control']).toBe('private, max-age=31536000, immutable');
    }
  });

  it('is answered with 304 until a decision changes it', async () => {
    await approve('changing', '1.0.0');
    await until('/npm/changing', 200);
    const first = await get('/npm/changing', { 'accept-encoding': 'gzip' });
    expect(gunzipSync(first.bytes).toString()).toBe((await get('/npm/changing')).bytes.toString());
    const etag = first.headers.etag as string;
    expect((await get('/npm/changing')).headers.etag).toBe(etag);
    expect((await get('/npm/changing', { 'if-none-match': etag })).status).toBe(304);
    await approve('changing', '1.1.0');
    await until('/npm/changing', 200, { 'if-none-match': etag });
    expect(Object.keys((await get('/npm/changing')).json()['versions'] as object)).toEqual([
      '1.0.0',
      '1.1.0',
    ]);
  });

  it.each([
    ['bytes=0-3', 206, 'byte'],
    ['bytes=9-', 206, 'known@1.0.0'],
    ['bytes=-5', 206, '1.0.0'],
    ['bytes=0-999', 206, 'bytes of known@1.0.0'],
    ['bytes=999-', 416, ''],
    ['bytes=0-1,3-4', 200, 'bytes of known@1.0.0'],
    ['bytes=5-2', 200, 'bytes of known@1.0.0'],
  ])('is served in the part %s', async (range, status, text) => {
    const answer = await get(tarball('known', '1.0.0'), { range });
    expect([answer.status, status === 416 ? '' : answer.bytes.toString()]).toEqual([status, text]);
  });

  it('has no body for HEAD', async () => {
    const { status, headers, bytes } = await get(tarball('known', '1.0.0'), {}, 'HEAD');
    expect([status, headers['content-length'], bytes.length]).toEqual([200, '20', 0]);
  });
});

/** All events of a type, in their order. */
async function eventsOf<Data>(type: string): Promise<SluiceEvent<Data>[]> {
  const found: SluiceEvent<Data>[] = [];
  const { state } = await bus.jsm.streams.info('EVENTS');
  const signal = AbortSignal.timeout(5_000);
  const options = { fromSequence: 1, toSequence: state.last_seq, batchMax: 100, signal };
  await readEventLogUpTo(bus, options, async (batch) => {
    for (const { subject, payload } of batch)
      if (subject.startsWith(type)) found.push(JSON.parse(payload) as SluiceEvent<Data>);
  });
  return found;
}

/** Who was told to have installed something, with this client. */
const installsWith = async (client: string) =>
  (await eventsOf<EventData<typeof gateServed>>('gate.served'))
    .flatMap(({ data }) => data.entries)
    .filter((entry) => entry.client === client);

describe('who has installed what', () => {
  it('is told, once for each version', async () => {
    const headers = { 'user-agent': 'npm/10.8.2 node/v20.20.0' };
    await Promise.all([1, 2, 3].map(() => get(tarball('known', '1.0.0'), headers)));
    await get('/npm/known', headers);
    await get(tarball('nobody-has-it', '1.0.0'), headers);
    const told = await waitFor(async () => {
      const installs = await installsWith('npm/10.8.2');
      return installs.length > 0 ? installs : undefined;
    });
    expect(told).toMatchObject([{ purl: 'pkg:npm/known@1.0.0', scope: 'default' }]);
  });
});

describe('what is not', () => {
  it('is refused within a second of the decision, in document and archive', async () => {
    await approve('recalled', '1.0.0');
    await until('/npm/recalled', 200);
    expect((await get(tarball('recalled', '1.0.0'))).status).toBe(200);
    const started = Date.now();
    await decide('recalled', 'recalled', '1.0.0');
    await until('/npm/recalled', 403);
    expect(Date.now() - started).toBeLessThan(1_000);
    expect((await get(tarball('recalled', '1.0.0'))).phrase).toBe(
      'Held by Sluice: recalled@1.0.0 is recalled and waits for a review. See: sluice why recalled@1.0.0',
    );
  });

  it('is refused from the moment on in which its approval ends, without any event', async () => {
    await approve('ending', '1.0.0', { until: new Date(Date.now() + 700).toISOString() });
    await until('/npm/ending', 200);
    expect((await get(tarball('ending', '1.0.0'))).status).toBe(200);
    await until('/npm/ending', 403);
    expect((await get(tarball('ending', '1.0.0'))).status).toBe(403);
  });

  it('says why, what is nearest, and what to do', async () => {
    await approve('partly', '1.0.0');
    await approve('partly', '2.0.0');
    await assessed('partly', '1.1.0', 'review', 'advisory.high');
    await waitFor(async () =>
      (await get(tarball('partly', '1.1.0'))).phrase.includes('advisory') ? true : undefined,
    );
    const answer = await get(tarball('partly', '1.1.0'));
    expect(answer.status).toBe(403);
    expect(answer.json()).toMatchObject({
      code: 'gate.held',
      purl: 'pkg:npm/partly@1.1.0',
      state: 'review',
      reasons: ['advisory.high'],
      nearest: '1.0.0',
    });
    expect(answer.phrase).toContain('Nearest approved: 1.0.0.');
    expect(answer.headers['npm-notice']).toBe(answer.phrase);
    const document = (await get('/npm/partly')).json();
    expect(document['policyRestrictions']).toMatchObject({ versions: { '1.1.0': { version: '1.1.0' } } });
  });

  it('is told by its address to clients that show nothing else', async () => {
    const answer = await get(tarball('partly', '1.1.0'), { 'user-agent': 'Bun/1.4.0' });
    expect([answer.status, answer.headers.location]).toEqual([
      302,
      '/npm/-/held/partly-1.1.0--advisory.high.tgz',
    ]);
    expect((await get('/npm/-/held/partly-1.1.0--advisory.high.tgz')).status).toBe(403);
  });

  it('stays refused when an older approval comes late', async () => {
    const approved = await approve('late', '1.0.0');
    await until('/npm/late', 200);
    await decide('rejected', 'late', '1.0.0');
    await until('/npm/late', 403);
    await decide('approved', 'late', '1.0.0', {
      release: await releaseOf('late', '1.0.0'),
      sequence: approved,
    });
    await approve('later', '1.0.0');
    await until('/npm/later', 200);
    expect((await get('/npm/late')).status).toBe(403);
  });

  it('is not served when its bytes in the store are others', async () => {
    const release = await releaseOf('damaged', '1.0.0');
    await decide('approved', 'damaged', '1.0.0', { release });
    await until('/npm/damaged', 200);
    const hex = release.files[0]!.artifactDigest.slice('sha256:'.length);
    const file = path.join(kit.folder, 'artifacts/sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
    await writeFile(file, 'other bytes of that@1.0.0');
    expect((await get(tarball('damaged', '1.0.0'))).status).toBeGreaterThanOrEqual(500);
  });
});

describe('an ask', () => {
  interface Ask {
    requestId: string;
    requester: string;
    listDigest: string;
  }
  async function asksFor(purl: string): Promise<SluiceEvent<Ask>[]> {
    const found = [];
    for (const event of await eventsOf<Ask>('request.submitted')) {
      const list = readSubmission(JSON.parse((await kit.artifacts.read(event.data.listDigest)).toString()));
      if (list.items[0]?.purl === purl) found.push(event);
    }
    return found;
  }

  it('is made once for an archive that nobody asked for, and waited for', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => get(tarball('wanted', '1.0.0'))));
    expect(answers.map(({ phrase }) => phrase)).toEqual(
      answers.map(() => 'Held by Sluice: wanted@1.0.0 is not assessed yet. See: sluice why wanted@1.0.0'),
    );
    await get(tarball('wanted', '1.0.0'));
    const ids = new Set((await asksFor('pkg:npm/wanted@1.0.0')).map(({ data }) => data.requestId));
    expect(ids.size).toBe(1);
  });

  it('is answered at once when the decision comes in time', async () => {
    const waiting = get(tarball('quick', '1.0.0'));
    await waitFor(async () => ((await asksFor('pkg:npm/quick@1.0.0')).length > 0 ? true : undefined));
    await approve('quick', '1.0.0');
    expect((await waiting).status).toBe(200);
  });

  it('is made for the newest version of a package that nothing is known of', async () => {
    registry.publish({ name: 'unheard', version: '3.0.0' });
    expect((await get('/npm/unheard')).phrase).toContain('unheard@3.0.0 is not assessed yet');
    expect(await asksFor('pkg:npm/unheard@3.0.0')).toHaveLength(1);
  });

  it('is not made for what the registry does not have, which is 404', async () => {
    expect((await get('/npm/no-such-package')).status).toBe(404);
  });

  it('is 503 while the registry cannot be asked', async () => {
    registry.fail('/out-of-order/latest', { status: 503 });
    const answer = await get('/npm/out-of-order');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
  });
});

describe('access', () => {
  const keyOf = (over: Partial<KnownKey> = {}) => {
    const { id, text, digest } = newKeyText();
    const known: KnownKey = {
      id,
      digest,
      name: 'ci',
      kind: 'service',
      roles: ['viewer'],
      scopes: null,
      expiresAt: new Date(Date.now() + 60_000),
      ...over,
    };
    return { text, known };
  };

  it('asks for a key', async () => {
    const answer = await kit.ask('/npm/known', {});
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="Sluice", Basic realm="Sluice"',
    ]);
    expect((await get('/npm/known', { authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it('a key counts while it is in the ring, as token and as password', async () => {
    const { text, known } = keyOf();
    await publishKeyRing(bus, [known]);
    await until('/npm/known', 200, { authorization: `Bearer ${text}` });
    const basic = `Basic ${Buffer.from(`any:${text}`).toString('base64')}`;
    expect((await get('/npm/known', { authorization: basic })).status).toBe(200);
    await publishKeyRing(bus, []);
    await until('/npm/known', 401, { authorization: `Bearer ${text}` });
  });

  it('a key of a scope installs what is approved there, and nothing else', async () => {
    const team = keyOf({ scopes: ['team-a'] });
    const both = keyOf({ scopes: ['team-a', 'team-b'] });
    await publishKeyRing(bus, [team.known, both.known]);
    await approve('of-team', '1.0.0', { scope: 'team-a' });
    await until('/npm/of-team', 200, { authorization: `Bearer ${team.text}` });
    expect((await get(tarball('of-team', '1.0.0'))).status).toBe(403);
    expect((await get(tarball('known', '1.0.0'), { authorization: `Bearer ${team.text}` })).status).toBe(403);
    const refused = await get('/npm/known', { authorization: `Bearer ${both.text}` });
    expect([refused.status, refused.json()['code']]).toEqual([403, 'access.forbidden']);
  });

  it('a viewer installs, and does not ask', async () => {
    const viewer = keyOf();
    await publishKeyRing(bus, [viewer.known]);
    await until('/npm/known', 200, { authorization: `Bearer ${viewer.text}` });
    const answer = await get(tarball('not-asked', '1.0.0'), { authorization: `Bearer ${viewer.text}` });
    expect(answer.phrase).toContain('Your key may not ask for it.');
    expect((await get('/npm/~resolve/known', { authorization: `Bearer ${viewer.text}` })).status).toBe(403);
  });

  it.each([
    ['a name that a page made its own', { host: 'evil.example' }, 421],
    ['a web page', { origin: 'https://evil.example' }, 403],
  ])('%s gets no answer', async (_, headers, status) => {
    expect((await get('/npm/known', headers)).status).toBe(status);
  });
});

describe('~resolve', () => {
  it('shows all that the registry has, under the gate’s addresses', async () => {
    registry.publish({ name: 'open', version: '1.0.0' });
    registry.publish({ name: 'open', version: '9.0.0' });
    const { json } = await get('/npm/~resolve/open');
    const versions = json()['versions'] as Record<string, { dist: { tarball: string } }>;
    expect(Object.keys(versions)).toEqual(['1.0.0', '9.0.0']);
    expect(new URL(versions['9.0.0']!.dist.tarball).pathname).toBe('/npm/open/-/open-9.0.0.tgz');
    expect((await get('/npm/~resolve/open/-/open-9.0.0.tgz')).status).toBe(403);
  });
});

describe('what the gate cannot read', () => {
  it('has it learn all anew: the event may have taken an approval back', async () => {
    await approve('withdrawn', '1.0.0');
    await until('/npm/withdrawn', 200);
    const payload = JSON.stringify({
      specversion: '1.0',
      id: randomUUID(),
      type: 'pkg.rejected',
      nonsense: true,
    });
    await publishRaw(bus, {
      eventId: randomUUID(),
      subject: 'pkg.rejected.interactive',
      payload,
      headers: {},
    });
    // The aggregator's list does not have it.
    await until(tarball('withdrawn', '1.0.0'), 403);
    expect((await get('/npm/known')).status).toBe(200);
  });
});

describe('without the broker', () => {
  it('goes on serving, also after a restart', async () => {
    await approve('lasting', '1.0.0');
    await decide('rejected', 'refused', '1.0.0');
    await until('/npm/lasting', 200);
    await until(tarball('refused', '1.0.0'), 403);
    await nats.stop();
    expect((await get(tarball('lasting', '1.0.0'), { 'user-agent': 'away/1' })).status).toBe(200);
    await gate.stop();
    gate = await kit.start();
    expect((await get('/npm/lasting')).status).toBe(200);
    expect((await get(tarball('known', '1.0.0'))).bytes.toString()).toBe('bytes of known@1.0.0');
    expect((await get(tarball('refused', '1.0.0'))).status).toBe(403);
    // What nobody has asked for cannot be asked for now.
    expect((await get(tarball('unknown-now', '1.0.0'))).status).toBe(503);
    await nats.start();
    await approve('after', '1.0.0');
    await until('/npm/after', 200);
    await waitFor(async () => ((await installsWith('away/1')).length > 0 ? true : undefined));
  });

  it('says that it knows nothing when its snapshot was cut off, and learns it later', async () => {
    await gate.stop();
    const file = path.join(kit.folder, 'gate/standings.jsonl');
    await truncate(file, (await readFile(file)).length - 10);
    await nats.stop();
    gate = await kit.start();
    const answer = await get('/npm/known');
    expect([answer.status, answer.json()['code']]).toEqual([503, 'gate.not-ready']);
    await nats.start();
    await until('/npm/known', 200);
    expect(localKey).toHaveLength(43);
  });
});
