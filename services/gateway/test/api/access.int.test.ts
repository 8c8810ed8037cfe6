import {
  gateRights,
  hasRight,
  openMarks,
  rights,
  rightsOfRoles,
  roles,
  type AuditEntryView,
  type CreatedKey,
  type Right,
  type RouteRight,
  type Role,
} from '@sluice/api';
import { auditHash, uuidV7 } from '@sluice/contracts';
import { withOutbox } from '@sluice/delivery';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertBatch, insertPackage, insertRequest, purlOf, testGateway } from '../gateway-kit.ts';
import { authenticator, newKeyText, readKeyText } from '@sluice/identity';
import { createKey, findKey, noteUse, type KeyWish } from '../../src/access/api-keys.ts';
import { createApp } from '../../src/app.ts';
import { listen } from '../../src/http/http-server.ts';

const localKey = 'l'.repeat(43);
const { app: openApp, deps } = await testGateway();
const doors = {
  findKey: (id: string) => findKey(deps.own, id),
  onUse: (key: { id: string; lastUsedAt: Date | null }, now: Date) => noteUse(deps.own, key, now),
};
const authenticate = authenticator({ ...doors, localKey, isOpen: false, localName: 'mira' });
// Nothing is published here: each key that is made leaves a message in the outbox.
const app = createApp({ ...deps, authenticate, answerTimeoutMs: 500, outboxMax: 10_000 });

const json = { 'content-type': 'application/json' };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function make(wish: KeyWish, now: Date): Promise<CreatedKey> {
  return (await withOutbox(deps.own, (tx) => createKey(tx, wish, 'mira', now))).result;
}

async function keyOf(wish: Partial<KeyWish> = {}): Promise<CreatedKey> {
  const full: KeyWish = {
    name: 'ci',
    kind: 'service',
    roles: ['viewer'],
    scopes: null,
    reason: 'r',
    ...wish,
  };
  return make(full, new Date());
}

interface Operation {
  operationId: string;
  'x-right'?: string;
  security?: object[];
  parameters?: { name: string; in: string }[];
}
const document = (await (await openApp.request('/openapi.json')).json()) as {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    path,
    method: method.toUpperCase(),
  })),
);
type Documented = (typeof operations)[number];

let ownRequest: string;
let otherRequest: string;
beforeAll(async () => {
  ownRequest = await insertRequest(deps.read, ['own'], { scope: 'team-a' });
  otherRequest = await insertRequest(deps.read, ['other'], { scope: 'default' });
  // Batches of the same ids.
  await insertBatch(deps.read, { id: ownRequest, scope: 'team-a' });
  await insertBatch(deps.read, { id: otherRequest, scope: 'default' });
  await insertPackage(deps.read, 'own', { scope: 'team-a', outcome: 'review' });
});

/** Sends an operation with nothing in its body: whether it is let in is told before a body is looked at. */
function send({ path, method }: Documented, headers: Record<string, string>, query = '') {
  const values: Record<string, string> = {
    id: ownRequest,
    purl: purlOf('own'),
    stage: 'scan',
    host: 'registry.example',
    service: 'scanner',
    instance: 'one',
    sequence: '1',
    key: 'k00000000000',
    refresh: ownRequest,
    session: ownRequest,
  };
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name]!));
  const body = method === 'GET' ? { headers } : { body: '{"nothing":1}', headers: { ...json, ...headers } };
  return app.request(address + query, { method, ...body });
}
const codeOf = async (response: Response) =>
  response.headers.get('content-type') === 'application/problem+json'
    ? ((await response.json()) as { code: string }).code
    : null;
const isRefused = async (response: Response) => {
  const code = await codeOf(response);
  await response.body?.cancel().catch(() => {});
  return code?.startsWith('access.') ?? false;
};

it('each operation names a right that there is, or is public and says so', () => {
  for (const { operationId, security, ...operation } of operations) {
    const right = operation['x-right'];
    expect([...rights, ...openMarks], operationId).toContain(right);
    expect(security, operationId).toEqual(right === 'public' ? [] : undefined);
  }
});

it('each right is needed by an operation or the gate, and held by a role', () => {
  const needed = new Set([...operations.map((operation) => operation['x-right']), ...gateRights]);
  for (const right of rights) {
    expect(needed, right).toContain(right);
    expect(Object.values(rightsOfRoles).flat(), right).toContain(right);
  }
});

it('nobody but an approver decides, and an approver changes no operations', () => {
  const deciding = roles.filter((role) => hasRight([role], 'packages.decide'));
  expect(deciding).toEqual(['approver']);
  expect(hasRight(['approver'], 'operations.change')).toBe(false);
});

describe.each(operations.map((operation) => ({ ...operation, title: operation.operationId })))(
  '$title',
  (operation) => {
    const right = operation['x-right'] as RouteRight;
    const isPublic = right === 'public';

    it('lets nobody in without a key that counts', async () => {
      for (const headers of [
        {},
        bearer('none'),
        bearer(newKeyText().text),
        { authorization: 'Basic bWlyYQ==' },
      ]) {
        const response = await send(operation, headers as Record<string, string>);
        if (!isPublic) expect(response.headers.get('www-authenticate')).toContain('Bearer');
        expect(response.status === 401).toBe(!isPublic);
      }
    });

    it.each(roles)('lets a %s in exactly when the role has the right', async (role: Role) => {
      const { key } = await keyOf({ roles: [role] });
      const isAllowed = isPublic || right === 'signed-in' || hasRight([role], right);
      expect(await isRefused(await send(operation, bearer(key)))).toBe(!isAllowed);
    });

    it('lets the holder of a key for one scope see no other', async () => {
      const { key } = await keyOf({ roles: [...roles], scopes: ['team-a'] });
      const hasScope = operation.parameters?.some((one) => one.name === 'scope' && one.in === 'query');
      if (!hasScope) return;
      expect(await isRefused(await send(operation, bearer(key), '?scope=team-a'))).toBe(false);
      // Submissions look at their bodies first.
      if (!['submitRequest', 'submitBatch'].includes(operation.operationId))
        expect(await codeOf(await send(operation, bearer(key), '?scope=default'))).toBe('access.forbidden');
    });

    it('lets the local key in from this machine', async () => {
      expect(await isRefused(await send(operation, bearer(localKey)))).toBe(false);
    });
  },
);

describe('a key for one scope', () => {
  it('hides requests of the others like those that there are not', async () => {
    const { key } = await keyOf({ roles: ['submitter'], scopes: ['team-a'] });
    const get = (path: string) => app.request(path, { headers: bearer(key) });
    expect((await get(`/v1/requests/${ownRequest}`)).status).toBe(200);
    for (const path of ['', '/items', '/events'])
      expect(await codeOf(await get(`/v1/requests/${otherRequest}${path}`))).toBe('request.not-found');
    const cancel = await app.request(`/v1/requests/${otherRequest}/cancel`, {
      method: 'POST',
      headers: { ...json, ...bearer(key) },
      body: '{"reason":"r"}',
    });
    expect(await codeOf(cancel)).toBe('request.not-found');
    const { items } = (await (await get('/v1/requests')).json()) as { items: { scope: string }[] };
    expect(items.map(({ scope }) => scope)).toEqual(['team-a']);
  });

  it('submits in its scope and in no other', async () => {
    const { key } = await keyOf({ roles: ['submitter'], scopes: ['team-a'] });
    const submit = (query: string) =>
      app.request(`/v1/requests${query}`, {
        method: 'POST',
        headers: { ...json, ...bearer(key) },
        body: packageLock(3, [{ name: 'a', version: '1.0.0' }]),
      });
    expect((await submit('?scope=team-a')).status).toBe(202);
    expect(await codeOf(await submit('?scope=default'))).toBe('access.forbidden');
    expect(await codeOf(await submit(''))).toBe('access.forbidden');
    expect(await codeOf(await submit('?scope=team-a&requester=mira'))).toBe('access.not-yourself');
    const { items } = (await (
      await app.request('/v1/requests?requester=ci', { headers: bearer(key) })
    ).json()) as { items: object[] };
    expect(items).toMatchObject([{ requester: 'ci', scope: 'team-a' }]);
  });

  it.each(['request', 'batch'])(
    'hides them in every operation on a %s that it has the right to',
    async (noun) => {
      const { key } = await keyOf({ roles: ['submitter'], scopes: ['team-a'] });
      const onRequests = operations.filter(
        ({ path, ...operation }) =>
          path.startsWith(`/v1/${noun === 'batch' ? 'batches' : 'requests'}/{id}`) &&
          hasRight(['submitter'], operation['x-right'] as Right),
      );
      expect(onRequests.length).toBeGreaterThan(3);
      for (const { path, method, operationId } of onRequests) {
        const body = method === 'POST' ? { body: '{"reason":"r"}' } : {};
        const response = await app.request(path.replace('{id}', otherRequest), {
          method,
          headers: { ...json, ...bearer(key) },
          ...body,
        });
        expect(await codeOf(response), operationId).toBe(`${noun}.not-found`);
      }
    },
  );

  it('gives none of the rights over what all scopes share', async () => {
    const { key } = await keyOf({ roles: [...roles], scopes: ['team-a'] });
    for (const operation of operations) {
      if (
        !['operations.change', 'dead-letters.read', 'keys.manage', 'audit.read'].includes(
          operation['x-right']!,
        )
      )
        continue;
      expect(await codeOf(await send(operation, bearer(key))), operation.operationId).toBe(
        'access.forbidden',
      );
    }
  });
});

describe('a key', () => {
  const me = (key: string) => app.request('/v1/me', { headers: bearer(key) });

  it('says who its holder is', async () => {
    const { key, id } = await keyOf({ name: 'noor', kind: 'person', roles: ['approver', 'viewer'] });
    expect(await (await me(key)).json()).toEqual({
      id: 'person:noor',
      kind: 'person',
      name: 'noor',
      roles: ['approver', 'viewer'],
      scopes: null,
      grants: [{ roles: ['approver', 'viewer'], scopes: null }],
      keyId: id,
      sessionId: null,
    });
  });

  it('counts no more once it was revoked, or has expired', async () => {
    const { key, id } = await keyOf({ roles: ['viewer'] });
    expect((await me(key)).status).toBe(200);
    const revoke = () =>
      app.request(`/v1/keys/${id}/revoke`, {
        method: 'POST',
        headers: { ...json, ...bearer(localKey) },
        body: '{"by":"mira","reason":"It was in a log."}',
      });
    const first = (await (await revoke()).json()) as { revokedAt: string };
    expect(first).toMatchObject({ id, revokedBy: 'mira', lastUsedAt: expect.any(String) as string });
    expect(await (await revoke()).json()).toEqual(first);
    const acts = await deps.own`select 1 from audit where action = 'revoke-key' and subject = ${`key ${id}`}`;
    expect(acts).toHaveLength(1);
    expect(await codeOf(await me(key))).toBe('access.key-invalid');
    const long = await make(
      { name: 'ci', kind: 'service', roles: ['viewer'], scopes: null, reason: 'r', days: 1 },
      new Date(Date.now() - 86_400_001),
    );
    expect(await codeOf(await me(long.key))).toBe('access.key-invalid');
  });

  it('is shown once, and kept nowhere', async () => {
    const made = await app.request('/v1/keys', {
      method: 'POST',
      headers: { ...json, ...bearer(localKey) },
      body: JSON.stringify({ name: 'ci', kind: 'service', roles: ['viewer'], reason: 'builds' }),
    });
    expect(made.status).toBe(201);
    const { key, id } = (await made.json()) as CreatedKey;
    const secret = key.split('_')[2]!;
    const listed = await (await app.request('/v1/keys?limit=500', { headers: bearer(localKey) })).text();
    expect(listed).toContain(id);
    expect(listed).not.toContain(secret);
    const rows = await deps.own`select to_jsonb(api_keys)::text as row from api_keys where id = ${id}`;
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('is known by its form, and any change of it is none', () => {
    fc.assert(
      fc.property(fc.nat(68), fc.constantFrom('a', 'Z', '0', '_', ' '), (at, other) => {
        const { text, digest } = newKeyText();
        expect(readKeyText(text)?.digest).toBe(digest);
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        if (changed !== text) expect(readKeyText(changed)).toBeNull();
      }),
    );
  });

  it('acts for its holder alone', async () => {
    const { key } = await keyOf({ name: 'noor', kind: 'person', roles: ['approver'] });
    const approve = (by: object) =>
      app.request(`/v1/packages/${encodeURIComponent(purlOf('own'))}/approve`, {
        method: 'POST',
        headers: { ...json, ...bearer(key) },
        body: JSON.stringify({ reason: 'r', ...by }),
      });
    expect(await codeOf(await approve({ by: 'mira' }))).toBe('access.not-yourself');
    // No aggregator answers here: it was let in.
    expect(await codeOf(await approve({}))).toBe('backend.unavailable');
  });
});

describe('the audit', () => {
  // Of its own: the operations above have used up what is recorded in a minute.
  const fresh = createApp({ ...deps, authenticate, answerTimeoutMs: 500, outboxMax: 10_000 });
  const audited = (action: string) => deps.own<
    { actor: string; subject: string; outcome: string; detail: object }[]
  >`
    select actor, subject, outcome, detail from audit where action = ${action} order by id desc limit 1`;

  const countAudited = () => deps.own<[{ count: number }]>`select count(*)::int as count from audit`;

  it('has each act that was denied to somebody known, in the table and as an event', async () => {
    const { key } = await keyOf({ name: 'curious', roles: ['viewer'] });
    const [before] = await deps.own`select coalesce(max(position), 0) as position from outbox`;
    await fresh.request('/v1/keys', { headers: bearer(key) });
    expect(await audited('listKeys')).toMatchObject([
      { actor: 'curious', subject: '/v1/keys', outcome: 'denied', detail: { code: 'access.forbidden' } },
    ]);
    const events = await deps.own<{ payload: string }[]>`
      select payload from outbox where subject = 'audit.recorded' and position > ${before!['position']}`;
    expect(events.map(({ payload }) => JSON.parse(payload) as object)).toMatchObject([
      { type: 'audit.recorded', source: 'sluice/gateway', data: { actor: 'curious', outcome: 'denied' } },
    ]);
  });

  it('has who shows a key that ended, and none who shows no key that ever was one', async () => {
    const { key, id } = await keyOf({ name: 'gone', roles: ['admin'] });
    await deps.own`update api_keys set revoked_at = now() where id = ${id}`;
    await fresh.request('/v1/controls', { headers: bearer(key) });
    expect(await audited('listControls')).toMatchObject([
      { actor: 'gone', detail: { code: 'access.key-invalid' } },
    ]);
    const [{ count: before }] = await countAudited();
    await fresh.request('/v1/stats', { headers: bearer(newKeyText().text) });
    expect(await countAudited()).toEqual([{ count: before }]);
  });

  it('has keys that are made and revoked, with why, and never the key', async () => {
    const post = (path: string, body: object) =>
      fresh.request(path, {
        method: 'POST',
        headers: { ...json, ...bearer(localKey) },
        body: JSON.stringify(body),
      });
    const made = await post('/v1/keys', { name: 'ci', kind: 'service', roles: ['viewer'], reason: 'builds' });
    const { id, key } = (await made.json()) as CreatedKey;
    await post(`/v1/keys/${id}/revoke`, { reason: 'It was in a log.' });
    expect(await audited('create-key')).toMatchObject([
      { actor: 'mira', subject: `key ${id}`, outcome: 'done' },
    ]);
    expect(await audited('revoke-key')).toMatchObject([
      { subject: `key ${id}`, detail: { reason: 'It was in a log.' } },
    ]);
    expect(JSON.stringify(await deps.own`select * from audit`)).not.toContain(key.split('_')[2]);
    expect(JSON.stringify(await deps.own`select * from outbox`)).not.toContain(key.split('_')[2]);
  });

  it('is listed by what is asked for, and exported as lines or as cells that are no formulas', async () => {
    const entry = {
      actor: '=HYPERLINK("x")',
      action: 'approve',
      subject: purlOf('own'),
      outcome: 'done' as const,
    };
    let previous: string | null = null;
    for (const position of [1, 2, 3]) {
      const [id, at, detail] = [uuidV7(), '2026-03-01T09:30:00.000Z', { reason: 'r', position }];
      previous = auditHash(previous, { ...entry, id, at, detail });
      await deps.read`
        insert into audit (position, event_id, at, actor, action, subject, outcome, detail, service, hash)
        values (${position}, ${id}, ${at}, ${entry.actor}, 'approve', ${entry.subject}, 'done',
          ${JSON.stringify(detail)}::text::json, 'aggregator', ${previous})`;
    }
    const get = (path: string) => fresh.request(path, { headers: bearer(localKey) });
    const page = (await (await get('/v1/audit?limit=2')).json()) as {
      items: AuditEntryView[];
      nextCursor: string;
    };
    expect(page.items.map(({ detail }) => detail['position'])).toEqual([3, 2]);
    const rest = (await (await get(`/v1/audit?cursor=${page.nextCursor}`)).json()) as {
      items: AuditEntryView[];
    };
    expect(rest.items.map(({ detail }) => detail['position'])).toEqual([1]);
    expect(await (await get('/v1/audit?actor=nobody')).json()).toMatchObject({ items: [] });
    expect(await (await get('/v1/audit?since=2026-03-02T00:00:00Z')).json()).toMatchObject({ items: [] });
    const lines = (await (await get('/v1/audit/export')).text()).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as AuditEntryView).detail['position'])).toEqual([1, 2, 3]);
    const csv = await get('/v1/audit/export?format=csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const [head, first] = (await csv.text()).split('\r\n');
    expect(head?.replaceAll('"', '')).toBe('id,at,actor,action,subject,outcome,detail,service,traceId,hash');
    expect(first).toContain(`"'=HYPERLINK(""x"")"`);
  });
});

describe('over HTTP', async () => {
  const { url, stop } = await listen(app, { host: '127.0.0.1', port: 0 });
  afterAll(stop);

  it('the local key counts, and comes from this machine', async () => {
    const answer = await fetch(`${url}/v1/me`, { headers: bearer(localKey) });
    expect(await answer.json()).toMatchObject({ kind: 'local', name: 'mira', scopes: null, keyId: null });
    await expect(
      authenticate({ authorization: `Bearer ${localKey}`, remoteAddress: '192.0.2.7' }),
    ).rejects.toThrow('on this machine only');
    for (const remoteAddress of ['::1', '127.0.0.1', '::ffff:127.0.0.1'])
      await authenticate({ authorization: `Bearer ${localKey}`, remoteAddress });
  });

  it('HEAD needs the right of GET', async () => {
    expect((await fetch(`${url}/v1/requests/${uuidV7()}`, { method: 'HEAD' })).status).toBe(401);
    const { key } = await keyOf();
    expect((await fetch(`${url}/v1/requests`, { method: 'HEAD', headers: bearer(key) })).status).toBe(200);
  });
});
