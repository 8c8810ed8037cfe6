import { uuidV7 } from '@sluice/contracts';
import { cleanLicense } from '@sluice/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { getJson, insertEvent, insertPackage, insertRequest, purlOf, testGateway } from '../gateway-kit.ts';

const { app, deps } = await testGateway();
const { own, read } = deps;
beforeEach(() => own`truncate submissions`);
beforeEach(
  () =>
    read`truncate requests, request_items, early_events, packages, package_scopes, package_evidence, timeline, advisory_sets, counts`,
);

/** Every page of a list, one after the other. */
async function pages(address: string): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  let cursor = '';
  do {
    const { status, body } = await getJson(app, `${address}${cursor}`);
    expect(status).toBe(200);
    all.push(...(body.items as Record<string, unknown>[]));
    cursor = body.nextCursor === null ? '' : `&cursor=${encodeURIComponent(body.nextCursor as string)}`;
  } while (cursor !== '');
  return all;
}
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `p${String(index).padStart(3, '0')}`);

describe('the list of requests', () => {
  it('has the newest first, each once over all pages, also those of the same moment', async () => {
    const sent: { id: string; submittedAt: string }[] = [];
    for (let index = 0; index < 10; index += 1) {
      const submittedAt = `2026-03-01T09:3${Math.floor(index / 3)}:00.123Z`;
      const fields = { submittedAt, completed: index % 2 === 0, requester: index < 4 ? 'mira' : 'noor' };
      sent.push({ id: await insertRequest(read, [], fields), submittedAt });
    }
    const newestFirst = sent
      .map(({ id, submittedAt }) => `${submittedAt} ${id}`)
      .toSorted()
      .toReversed()
      .map((key) => key.split(' ')[1]);
    for (const limit of [1, 3, 4, 10]) {
      const listed = await pages(`/v1/requests?limit=${limit}`);
      expect(listed.map(({ id }) => id)).toEqual(newestFirst);
    }
    expect(await pages('/v1/requests?limit=2&state=completed')).toHaveLength(5);
    expect(await pages('/v1/requests?limit=2&state=open')).toHaveLength(5);
    expect(await pages('/v1/requests?limit=2&requester=mira&state=open')).toHaveLength(2);
    expect(await pages('/v1/requests?limit=2&requester=nobody')).toEqual([]);
  });

  it('has requests that were accepted and are not in the read models yet, in their place, once', async () => {
    const now = Date.now();
    const at = (minutesAgo: number) => new Date(now - minutesAgo * 60_000).toISOString();
    const accept = async (minutesAgo: number, requester = 'mira', id = uuidV7()) => {
      await own`
        insert into submissions (id, fingerprint, lane, requester, labels, format, item_count, entry_count, submitted_at)
        values (${id}, 'f', 'bulk', ${requester}, '{}', 'npm-package-lock@3', 1, 1, ${at(minutesAgo)})`;
      return id;
    };
    const first = await accept(100);
    for (const filter of ['', '?state=queued'])
      expect((await getJson(app, `/v1/requests${filter}`)).body.items).toMatchObject([
        { id: first, state: 'queued', progress: 0 },
      ]);
    await own`truncate submissions`;
    const ids = [
      await accept(1),
      await insertRequest(read, ['a'], { submittedAt: at(2) }),
      await accept(3, 'noor'),
      await insertRequest(read, ['a'], { submittedAt: at(4), completed: true }),
      await accept(5),
    ];
    await accept(2, 'mira', ids[1]);
    for (const limit of [1, 2, 3, 10]) {
      const listed = await pages(`/v1/requests?limit=${limit}`);
      expect(listed.map(({ id }) => id)).toEqual(ids);
      expect(listed.map(({ state }) => state)).toEqual(['queued', 'open', 'queued', 'completed', 'queued']);
      const queued = await pages(`/v1/requests?limit=${limit}&state=queued`);
      expect(queued.map(({ id }) => id)).toEqual([ids[0], ids[2], ids[4]]);
    }
    expect(await pages('/v1/requests?limit=1&requester=noor')).toMatchObject([{ id: ids[2] }]);
    expect(await pages('/v1/requests?limit=1&requester=mira&state=queued')).toHaveLength(2);
  });

  it('is filtered by each state that a request can have', async () => {
    const states = ['open', 'completed', 'cancelled', 'failed'] as const;
    for (const state of states) {
      const id = await insertRequest(read, [], { completed: state !== 'open' });
      if (state === 'cancelled') await read`update requests set cancelled_at = now() where id = ${id}`;
      if (state === 'failed')
        await read`update requests set failure = '{"code":"x","detail":"y"}' where id = ${id}`;
      const listed = await pages(`/v1/requests?limit=2&state=${state}`);
      expect(listed).toMatchObject([{ id, state }]);
    }
    expect(await pages('/v1/requests?limit=2')).toHaveLength(states.length);
  });

  it('names the next page in a Link, with the filters', async () => {
    for (let index = 0; index < 3; index += 1) await insertRequest(read, [], { requester: 'mira & co' });
    const first = await app.request('/v1/requests?limit=2&requester=mira+%26+co');
    const next = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link')!)?.[1];
    const second = await app.request(next!);
    expect(await second.json()).toMatchObject({ items: [{ requester: 'mira & co' }], nextCursor: null });
    expect(second.headers.get('link')).toBeNull();
  });

  it('keeps its order while requests come in between two pages', async () => {
    for (let index = 0; index < 4; index += 1)
      await insertRequest(read, [], { submittedAt: `2026-03-01T09:3${index}:00Z` });
    const first = await getJson(app, '/v1/requests?limit=2');
    await insertRequest(read, [], { submittedAt: '2026-03-01T10:00:00Z' });
    const second = await getJson(app, `/v1/requests?limit=2&cursor=${first.body.nextCursor as string}`);
    const times = [...first.body.items, ...second.body.items].map(
      (item) => (item as { submittedAt: string }).submittedAt,
    );
    expect(times.map((time) => time.slice(14, 16))).toEqual(['33', '32', '31', '30']);
    expect(second.body.nextCursor).toBeNull();
  });
});

describe('a request', () => {
  it('says how far it is, what is open, and why', async () => {
    const id = await insertRequest(read, ['a', 'b', 'c', 'd']);
    await insertPackage(read, 'a', { outcome: 'review' });
    await insertPackage(read, 'b', { state: 'running', stage: 'scan' });
    await insertPackage(read, 'c', { state: 'running', stage: 'scan' });
    await read`update request_items set outcome = 'review', ended_at = now() where request_id = ${id} and name = 'a'`;
    await read`update requests set ended_items = 1, counts = '{"review":1}' where id = ${id}`;
    const { status, body } = await getJson(app, `/v1/requests/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      state: 'open',
      progress: 0.25,
      counts: { review: 1 },
      open: { scan: 2, queued: 1 },
      reasons: [{ code: 'advisory.high', outcome: 'review', items: 1 }],
      labels: { team: 'payments' },
    });
    expect(body.ratePerSecond).toBeGreaterThan(0);
    expect(body.etaSeconds).toBeNull();
  });

  it('that could not be taken in says why, and what to do', async () => {
    const id = await insertRequest(read, ['a'], { completed: true });
    const failure = { code: 'request.list-unreadable', detail: 'It is gone.' };
    await read`update requests set failure = ${JSON.stringify(failure)}::text::jsonb where id = ${id}`;
    const { body } = await getJson(app, `/v1/requests/${id}`);
    expect(body).toMatchObject({ state: 'failed', progress: 1, failure });
    expect((body as { failure: { remedy: string } }).failure.remedy).toContain('redrive');
  });

  it('of an empty lockfile is no division by zero', async () => {
    const open = await insertRequest(read, []);
    expect((await getJson(app, `/v1/requests/${open}`)).body).toMatchObject({ progress: 0 });
    const done = await insertRequest(read, [], { completed: true });
    expect((await getJson(app, `/v1/requests/${done}`)).body).toMatchObject({
      progress: 1,
      state: 'completed',
    });
  });
});

describe('the items of a request', () => {
  it('come in the order of the file, each once over all pages, also filtered', async () => {
    const id = await insertRequest(read, numbered(50));
    await insertRequest(read, numbered(50));
    await read`update request_items set outcome = 'approve', ended_at = now() where request_id = ${id} and ordinal % 3 = 0`;
    await read`update request_items set outcome = 'reject', ended_at = now() where request_id = ${id} and ordinal % 3 = 1`;
    const ordinals = async (filter: string) =>
      (await pages(`/v1/requests/${id}/items?limit=7${filter}`)).map(({ ordinal }) => ordinal as number);
    const all = numbered(50).map((_, index) => index);
    expect(await ordinals('')).toEqual(all);
    expect(await ordinals('&outcome=approve')).toEqual(all.filter((ordinal) => ordinal % 3 === 0));
    expect(await ordinals('&state=ended')).toEqual(all.filter((ordinal) => ordinal % 3 < 2));
    expect(await ordinals('&state=open')).toEqual(all.filter((ordinal) => ordinal % 3 === 2));
    for (const [name, stage] of [
      ['p002', 'scan'],
      ['p005', null],
    ] as const)
      await insertPackage(read, name, { state: 'running', stage });
    expect(await ordinals('&state=scan')).toEqual([2]);
    expect(await ordinals('&state=verdict')).toEqual([5]);
    expect(await ordinals('&state=license')).toEqual([]);
    expect(await ordinals('&state=queued')).toEqual(
      all.filter((ordinal) => ordinal % 3 === 2 && ordinal > 5),
    );
  });

  it('show what is known of their package versions', async () => {
    const id = await insertRequest(read, ['a', 'b', 'c']);
    await insertPackage(read, 'a', { outcome: 'review', decision: 'approved' });
    await insertPackage(read, 'b', { state: 'running', stage: 'download' });
    await read`
      update request_items set outcome = 'reject', ended_at = now(), reasons = '[{"code":"integrity.mismatch","message":"m"}]'
      where request_id = ${id} and name = 'a'`;
    await read`update request_items set platforms = '{"os":["darwin"],"cpu":[],"libc":[]}' where request_id = ${id} and ordinal = 0`;
    const { items } = (await getJson(app, `/v1/requests/${id}/items`)).body;
    expect(items[0].platforms).toEqual({ os: ['darwin'], cpu: [], libc: [] });
    expect(items).toMatchObject([
      { state: 'ended', outcome: 'reject', decision: { state: 'approved' }, direct: true, dev: false },
      { state: 'download', outcome: null, reasons: [] },
      { state: 'queued', outcome: null, decision: null, attempt: null },
    ]);
    expect(items[0].reasons.map(({ code }: { code: string }) => code)).toEqual([
      'integrity.mismatch',
      'advisory.high',
    ]);
  });
});

describe('package versions', () => {
  it('are listed by what they wait for, each once over all pages', async () => {
    const outcomes = ['approve', 'review', 'reject', null];
    for (const [index, name] of numbered(20).entries()) {
      const outcome = outcomes[index % 4];
      const decision = index % 8 === 0 ? 'approved' : null;
      await insertPackage(read, name, { outcome, decision, state: outcome ? 'assessed' : 'running' });
    }
    const listed = async (filter: string) =>
      (await pages(`/v1/packages?limit=3${filter}`)).map(({ purl }) => purl as string);
    expect(await listed('')).toEqual(numbered(20).map(purlOf));
    expect(await listed('&outcome=review&decision=none')).toHaveLength(5);
    expect(await listed('&outcome=approve&decision=none')).toHaveLength(2);
    expect(await listed('&decision=approved')).toHaveLength(3);
    await read`
      update package_scopes set decision_state = null, decision = jsonb_set(decision::jsonb, '{state}', '"ended"')
      where purl = ${purlOf('p008')}`;
    expect(await listed('&decision=ended')).toEqual([purlOf('p008')]);
    expect(await listed('&decision=approved')).toHaveLength(2);
    expect(await listed('&state=running')).toHaveLength(5);
  });

  it('are shown with evidence, verdict, decision and timeline', async () => {
    await insertPackage(read, 'a', { outcome: 'review', decision: 'approved' });
    await read`
      insert into package_evidence (purl, license)
      values (${purlOf('a')}, ${JSON.stringify(cleanLicense())}::text::jsonb)`;
    await insertEvent(read, 1, purlOf('a'), 'pkg.requested');
    await insertEvent(read, 2, purlOf('other'), 'pkg.requested');
    await insertEvent(read, 3, purlOf('a'), 'pkg.assessed');
    const { status, body } = await getJson(app, `/v1/packages/${encodeURIComponent(purlOf('a'))}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      purl: purlOf('a'),
      verdict: { outcome: 'review' },
      decision: { state: 'approved' },
      license: { expression: 'MIT' },
      download: null,
    });
    expect(body.timeline.map(({ type }: { type: string }) => type)).toEqual([
      'pkg.requested',
      'pkg.assessed',
    ]);
  });
});

describe('what clients poll', () => {
  it('has a tag, and with it is answered with 304 and nothing else until it changes', async () => {
    const id = await insertRequest(read, ['a']);
    await insertPackage(read, 'a', { outcome: 'review' });
    const changes = [
      [`/v1/requests/${id}`, () => read`update requests set ended_items = 1 where id = ${id}`],
      [
        `/v1/requests/${id}/items`,
        () => read`update request_items set outcome = 'review' where request_id = ${id}`,
      ],
      ['/v1/requests', () => insertRequest(read, ['b'])],
      ['/v1/packages?outcome=review', () => insertPackage(read, 'b', { outcome: 'review' })],
      [`/v1/packages/${purlOf('a')}`, () => insertEvent(read, 1, purlOf('a'), 'pkg.requested')],
    ] as const;
    for (const [address, change] of changes) {
      const first = await app.request(address);
      const tag = first.headers.get('etag')!;
      expect([first.status, tag]).toEqual([200, expect.stringMatching(/^W\/"[0-9a-f]+"$/)]);
      expect(first.headers.get('cache-control')).toBe('no-cache');
      for (const method of ['GET', 'HEAD']) {
        const same = await app.request(address, { method, headers: { 'if-none-match': `"other", ${tag}` } });
        expect([same.status, await same.text()]).toEqual([304, '']);
        expect(same.headers.get('etag')).toBe(tag);
        expect(same.headers.get('cache-control')).toBe('no-cache');
        expect(same.headers.get('x-content-type-options')).toBe('nosniff');
      }
      await change();
      const changed = await app.request(address, { headers: { 'if-none-match': tag } });
      expect(changed.status).toBe(200);
      expect(changed.headers.get('etag')).not.toBe(tag);
    }
  });

  it('is not taken from a cache, nor is a refusal', async () => {
    for (const address of ['/v1/stats', '/v1/requests/none', '/v1/nowhere'])
      expect((await app.request(address)).headers.get('cache-control')).toBe('no-cache');
  });
});

describe('every error', () => {
  const id = uuidV7();
  const forged = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
  it.each<[string, number, string]>([
    ['/nowhere', 404, 'route.not-found'],
    [`/v1/requests/${id}`, 404, 'request.not-found'],
    [`/v1/requests/${id}/items`, 404, 'request.not-found'],
    [`/v1/requests/${id}/events`, 404, 'request.not-found'],
    ['/v1/requests/not-an-id', 400, 'input.invalid'],
    ['/v1/requests?limit=0', 400, 'input.invalid'],
    ['/v1/requests?limit=201', 400, 'input.invalid'],
    ['/v1/requests?limit=many', 400, 'input.invalid'],
    ['/v1/requests?state=lost', 400, 'input.invalid'],
    ['/v1/requests?requester=%00', 400, 'input.invalid'],
    ['/v1/requests?cursor=junk', 400, 'input.invalid'],
    [`/v1/requests?cursor=${forged(['yesterday', 'one'])}`, 400, 'input.invalid'],
    [`/v1/requests?cursor=${forged(['2026-03-01T09:30:00Z'])}`, 400, 'input.invalid'],
    [`/v1/packages?cursor=${forged([1])}`, 400, 'input.invalid'],
    [`/v1/packages?cursor=${forged(['\u0000'])}`, 400, 'input.invalid'],
    ['/v1/packages?outcome=maybe', 400, 'input.invalid'],
    ['/v1/packages/lodash', 400, 'purl.invalid'],
    [`/v1/packages/${encodeURIComponent('pkg:npm/a@1.0.0')}`, 404, 'package.not-found'],
    [`/v1/packages/${encodeURIComponent(`pkg:npm/${'a'.repeat(2_000)}@1`)}`, 400, 'input.invalid'],
    ['/v1/packages/%E0%A4%A', 400, 'purl.invalid'],
    ['/v1/packages/pkg%3Anpm%2Fa%00b%401.0.0', 400, 'input.invalid'],
  ])('GET %s is a problem with a code and a trace', async (address, status, code) => {
    const answer = await getJson(app, address);
    const instance = new URL(address, 'http://localhost').pathname;
    expect(answer).toMatchObject({ status, body: { status, code, type: `/problems/${code}`, instance } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const place = address.includes('?') ? 'query' : 'path';
    const fault = {
      in: place,
      pointer: expect.stringMatching(/^\/./) as string,
      detail: expect.any(String) as string,
    };
    expect(answer.body.errors).toEqual(status === 400 ? [fault] : undefined);
    expect(answer.body.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.headers.get('traceparent')).toContain(answer.body.traceId);
    for (const field of ['title', 'detail', 'remedy']) expect(answer.body[field]).toMatch(/./);
  });

  it.each(['yesterday', 1.5, -1, 1e99, '1; drop table requests', null])(
    'a forged place in the items (%j) is the client’s mistake',
    async (place) => {
      const request = await insertRequest(read, ['a']);
      const { status } = await getJson(app, `/v1/requests/${request}/items?cursor=${forged([place])}`);
      expect(status).toBe(400);
    },
  );

  it('of a defect says nothing of the inside', async () => {
    await read`alter table advisory_sets rename to hidden`;
    const response = await app.request(`/v1/requests/${id}`);
    await read`alter table hidden rename to advisory_sets`;
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(body)).not.toContain('advisory_sets');
  });

  it('goes on in the trace of the client', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const response = await app.request('/nowhere', { headers: { traceparent } });
    expect(await response.json()).toMatchObject({ traceId: traceparent.split('-')[1] });
  });
});
