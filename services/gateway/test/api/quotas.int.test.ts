import type { CreatedKey, Role } from '@sluice/api';
import { uuidV7 } from '@sluice/contracts';
import { withOutbox } from '@sluice/delivery';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { authenticator } from '@sluice/identity';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createKey, findKey } from '../../src/access/api-keys.ts';
import { createApp } from '../../src/app.ts';
import { clientAddressOf, isAddressEntry, trustedProxies } from '../../src/http/client-address.ts';
import { takeQuota } from '../../src/quotas/take-quota.ts';
import { insertRequest, testGateway, unlimited } from '../gateway-kit.ts';

const { deps } = await testGateway();
const authenticate = authenticator({
  findKey: (id) => findKey(deps.own, id),
  localKey: 'l'.repeat(43),
  isOpen: false,
  localName: 'mira',
});
const quotas = {
  ...unlimited,
  submit: { limit: 2, windowSeconds: 60 },
  keys: { limit: 1, windowSeconds: 3_600 },
  streams: { limit: 1, windowSeconds: 60 },
  auth: { limit: 3, windowSeconds: 60 },
};
const everything = { ...deps, authenticate, quotas, outboxMax: 10_000 };
const [app, replica] = [createApp(everything), createApp(everything)];

async function keyOf(name: string, roles: Role[] = ['submitter']): Promise<CreatedKey> {
  const wish = { name, kind: 'service' as const, roles, scopes: null, reason: 'r' };
  return (await withOutbox(deps.own, (tx) => createKey(tx, wish, 'mira', new Date()))).result;
}
const json = { 'content-type': 'application/json' };
const submit = (key: string, query = '', at = app) =>
  at.request(`/v1/requests${query}`, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${key}` },
    body: packageLock(3, [{ name: 'a', version: '1.0.0' }]),
  });

describe('a quota', () => {
  it('is shared by replicas, is said in each answer, and refuses with the time to wait', async () => {
    const { key } = await keyOf('noisy');
    const first = await submit(key);
    expect(first.status).toBe(202);
    expect(first.headers.get('ratelimit-policy')).toBe('"submit";q=2;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"submit";r=1;t=(?:60|59)$/);
    expect((await submit(key, '', replica)).status).toBe(202);
    const refused = await submit(key);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      429,
      'quota.exceeded',
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(refused.headers.get('ratelimit')).toContain('r=0;');
    expect((await submit(key, '', replica)).status).toBe(429);
  });

  it('is of a principal in a scope: another one, and another scope, have their own', async () => {
    const [{ key }, { key: other }, { key: second }] = [
      await keyOf('one'),
      await keyOf('other'),
      await keyOf('one'),
    ];
    await submit(key);
    await submit(key);
    expect((await submit(other)).status).toBe(202);
    expect((await submit(key, '?scope=team-a')).status).toBe(202);
    // Two keys of one holder are one.
    expect((await submit(second)).status).toBe(429);
  });

  it('is not had anew by the name of a scope that there is not', async () => {
    const { key } = await keyOf('inventive');
    const statuses: number[] = [];
    for (const scope of ['made-up-1', 'made-up-2', 'made-up-3', 'default'])
      statuses.push((await submit(key, `?scope=${scope}`)).status);
    expect(statuses.slice(0, 2)).not.toContain(429);
    expect(statuses.slice(2)).toEqual([429, 429]);
  });

  it.each([
    ['decide', '/v1/policies/try'],
    ['decide', '/v1/waivers'],
    ['decide', `/v1/waivers/${uuidV7()}/end`],
    ['webhooks', `/v1/webhooks/${uuidV7()}/test`],
    ['webhooks', `/v1/webhooks/${uuidV7()}/replay`],
    ['webhooks', `/v1/webhooks/${uuidV7()}/deliveries/${uuidV7()}/redeliver`],
  ])('%s is what %s costs', async (name, path) => {
    const { key } = await keyOf('busy', ['admin', 'approver']);
    const headers = { ...json, authorization: `Bearer ${key}` };
    const none = { ...quotas, [name]: { limit: 0, windowSeconds: 60 } };
    const strict = createApp({ ...everything, quotas: none });
    const response = await strict.request(path, { method: 'POST', headers, body: '{}' });
    expect([response.status, response.headers.get('ratelimit-policy')]).toEqual([429, `"${name}";q=0;w=60`]);
  });

  it('is costless for the user of this machine, and for what is refused before', async () => {
    for (let time = 0; time < 4; time += 1) {
      const response = await submit('l'.repeat(43));
      expect([response.status, response.headers.has('ratelimit')]).toEqual([202, false]);
    }
    const { key } = await keyOf('reader', ['viewer']);
    for (let time = 0; time < 4; time += 1) expect((await submit(key)).status).toBe(403);
  });

  it('counts keys and streams', async () => {
    const { key: admin } = await keyOf('root', ['admin']);
    const make = () =>
      app.request('/v1/keys', {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${admin}` },
        body: JSON.stringify({ name: 'n', kind: 'service', roles: ['viewer'], reason: 'r' }),
      });
    expect([(await make()).status, (await make()).status]).toEqual([201, 429]);
    const id = await insertRequest(deps.read, ['a']);
    const { key } = await keyOf('watcher', ['viewer']);
    const watch = async () => {
      const response = await app.request(`/v1/requests/${id}/events`, {
        headers: { authorization: `Bearer ${key}` },
      });
      await response.body?.cancel();
      return response.status;
    };
    expect([await watch(), await watch()]).toEqual([200, 429]);
  });

  it('of who is not known counts by address', async () => {
    const from = (remoteAddress: string) => ({
      incoming: { socket: { remoteAddress }, rawHeaders: ['host', 'localhost'] },
    });
    const exchange = (address: string) =>
      app.request(
        '/v1/auth/exchange',
        { method: 'POST', headers: json, body: '{"token":"a.b.c"}' },
        from(address),
      );
    for (let time = 0; time < 3; time += 1) expect((await exchange('192.0.2.7')).status).toBe(401);
    expect((await exchange('192.0.2.7')).status).toBe(429);
    expect((await exchange('192.0.2.8')).status).toBe(401);
    for (let time = 0; time < 3; time += 1)
      expect((await app.request('/sign-in', {}, from('192.0.2.9'))).status).toBe(404);
    expect((await app.request('/sign-in', {}, from('192.0.2.9'))).status).toBe(429);
  });

  it('begins anew at its end, and lets no more through when many ask at once', async () => {
    const quota = { limit: 5, windowSeconds: 60 };
    const taken = await Promise.all(Array.from({ length: 20 }, () => takeQuota(deps.own, 'race', quota)));
    expect(taken.filter(({ isWithin }) => isWithin)).toHaveLength(5);
    await deps.own`update quotas set resets_at = now() where key = 'race'`;
    expect(await takeQuota(deps.own, 'race', quota)).toEqual({
      isWithin: true,
      remaining: 4,
      resetsInSeconds: 60,
    });
  });
});

describe('the address of a client', () => {
  const isTrustedProxy = trustedProxies(['10.0.0.0/8', '::1']);
  const addressOf = async (remoteAddress: string, forwarded?: string) => {
    const echo = new Hono().get('/', (c) => c.text(clientAddressOf(c, { isTrustedProxy }) ?? 'none'));
    const headers: Record<string, string> = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    return (await echo.request('/', { headers }, { incoming: { socket: { remoteAddress } } })).text();
  };
  it.each([
    ['192.0.2.7', undefined, '192.0.2.7'],
    ['192.0.2.7', '198.51.100.1', '192.0.2.7'],
    ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '203.0.113.9, 198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['10.1.2.3', '10.9.9.9', '10.9.9.9'],
    ['10.1.2.3', 'nonsense', '10.1.2.3'],
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['::1', '2001:db8::7', '2001:db8::7'],
  ])('of %s that says %s is %s', async (remote, forwarded, address) => {
    expect(await addressOf(remote, forwarded)).toBe(address);
  });

  it.each([
    ['10.0.0.7', true],
    ['10.0.0.0/8', true],
    ['2001:db8::/32', true],
    ['10.0.0.0/33', false],
    ['10.0.0', false],
    ['proxy.example', false],
    ['10.0.0.0/x', false],
  ])('%s is an entry: %s', (text, isOne) => expect(isAddressEntry(text)).toBe(isOne));
});
