import { createWebhookCommand, findWebhookCommand, listWebhooksCommand, uuidV7 } from '@sluice/contracts';
import { connectBus, serveCommand } from '@sluice/broker';
import { withOutbox } from '@sluice/delivery';
import { authenticator } from '@sluice/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey, findKey } from '../../src/access/api-keys.ts';
import { createApp } from '../../src/app.ts';
import { testGateway } from '../gateway-kit.ts';
import { aWebhook } from '../webhook-examples.ts';

const { app, deps, nats } = await testGateway();
const serving = await connectBus({ url: nats.url, service: 'notifier', instance: 'test', log: deps.log });
afterAll(() => serving.close());
const webhooks = new Map([null, 'default', 'team-a'].map((scope) => [scope, aWebhook({ scope })]));
let created: Record<string, unknown> | undefined;
beforeEach(() => (created = undefined));
const closed = createApp({
  ...deps,
  authenticate: authenticator({
    findKey: (id) => findKey(deps.own, id),
    localKey: undefined,
    isOpen: false,
    localName: 'nobody',
  }),
});

beforeAll(() => {
  const { log } = deps;
  const all = [...webhooks.values()];
  serveCommand(
    serving,
    createWebhookCommand,
    async (input) => {
      created = input;
      return { webhook: aWebhook({ id: input.id, scope: input.scope }), secret: 'shown once' };
    },
    log,
  );
  serveCommand(
    serving,
    findWebhookCommand,
    async ({ webhookId }) => ({
      webhook: all.find(({ id }) => id === webhookId) ?? null,
    }),
    log,
  );
  serveCommand(
    serving,
    listWebhooksCommand,
    async ({ scopes }) => ({
      webhooks: all.filter(({ scope }) => scopes === null || (scope !== null && scopes.includes(scope))),
    }),
    log,
  );
});

async function keyOf(role: 'submitter' | 'approver' | 'operator' | 'admin', scopes: string[] | null) {
  const wish = { name: role, kind: 'person' as const, roles: [role], reason: 'r', scopes };
  const { result } = await withOutbox(deps.own, (tx) => createKey(tx, wish, 'mira', new Date()));
  return { authorization: `Bearer ${result.key}` };
}
const wish = { name: 'chat', url: 'https://receiver.example/' };
const post = (headers: object, body: object) =>
  closed.request('/v1/webhooks', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('webhooks over the API', () => {
  it('are made with what is left out put in, and have their secret in that answer alone', async () => {
    const response = await app.request('/v1/webhooks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    expect(response.status).toBe(201);
    const { id, secret } = (await response.json()) as { id: string; secret: string };
    expect(response.headers.get('location')).toBe(`/v1/webhooks/${id}`);
    expect(secret).toBe('shown once');
    expect(created).toMatchObject({ ...wish, scope: null, format: 'standard', types: [], by: 'mira' });
    expect(await (await app.request(`/v1/webhooks/${webhooks.get(null)!.id}`)).json()).not.toHaveProperty(
      'secret',
    );
  });

  it('belong to a scope of who makes them', async () => {
    const bound = await keyOf('approver', ['team-a']);
    expect((await post(bound, wish)).status).toBe(403);
    expect((await post(bound, { ...wish, scope: 'default' })).status).toBe(403);
    expect((await post(bound, { ...wish, scope: 'nowhere' })).status).toBe(400);
    expect(created).toBeUndefined();
    expect((await post(bound, { ...wish, scope: 'team-a' })).status).toBe(201);
  });

  it('of other scopes, and of all, are not there for who is bound to one', async () => {
    const bound = await keyOf('approver', ['team-a']);
    const statusOf = async (scope: string | null) =>
      (await closed.request(`/v1/webhooks/${webhooks.get(scope)!.id}`, { headers: bound })).status;
    expect([await statusOf('team-a'), await statusOf('default'), await statusOf(null)]).toEqual([
      200, 404, 404,
    ]);
    const { items } = (await (await closed.request('/v1/webhooks', { headers: bound })).json()) as {
      items: { scope: string }[];
    };
    expect(items.map(({ scope }) => scope)).toEqual(['team-a']);
    const missing = await closed.request(`/v1/webhooks/${uuidV7()}`, {
      headers: await keyOf('operator', null),
    });
    expect([missing.status, ((await missing.json()) as { code: string }).code]).toEqual([
      404,
      'webhook.not-found',
    ]);
  });

  it('are no matter of a submitter', async () => {
    expect((await post(await keyOf('submitter', null), wish)).status).toBe(403);
  });
});
