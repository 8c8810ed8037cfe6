import type { ShownDelivery, ShownDeliveryDetail, ShownWebhook } from '@sluice/api';
import { describe, expect, it } from 'vitest';
import { aPage, at } from '../../test/answers.ts';
import { fakeGateway } from '../../test/fake-gateway.ts';

const webhookId = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0ea1';
const deliveryId = '01960d3c-7a4e-5cc2-9f1e-2b7a9c1d0ea2';
const aWebhook = (fields: Partial<ShownWebhook> = {}): ShownWebhook => ({
  id: webhookId,
  name: 'chat',
  scope: null,
  format: 'standard',
  url: 'https://receiver.example/\u001b[2J',
  digest: 'each',
  types: [],
  state: 'enabled',
  disabled: null,
  armedAt: at,
  failures: 0,
  failingSince: null,
  pausedUntil: null,
  lastDeliveredAt: null,
  waiting: 3,
  previousSecretUntil: null,
  createdAt: at,
  createdBy: 'mira',
  changedAt: at,
  ...fields,
});
const aDelivery = (fields: Partial<ShownDelivery> = {}): ShownDelivery => ({
  id: deliveryId,
  webhookId,
  eventId: webhookId,
  type: 'request.completed',
  subject: 'a request',
  occurredAt: at,
  state: 'waiting',
  tries: 2,
  nextTryAt: at,
  createdAt: at,
  endedAt: null,
  lastStatus: 500,
  lastError: 'The receiver answered 500.',
  ...fields,
});
const detail: ShownDeliveryDetail = {
  ...aDelivery(),
  body: '{"type":"request.completed"}',
  log: [
    {
      number: 1,
      at,
      durationMs: 7,
      status: 500,
      error: 'The receiver answered 500.',
      response: 'oh\u001b[2J',
    },
  ],
};
const base = `/v1/webhooks/${webhookId}`;
const withSecret = { ...aWebhook(), secret: 'shown once' };
const replayed = { events: 3, repeated: 1, keptSince: at };

const gateway = await fakeGateway(() => ({
  'POST /v1/webhooks': [201, withSecret],
  'GET /v1/webhooks': [200, aPage(aWebhook())],
  [`GET ${base}`]: [200, aWebhook()],
  [`PATCH ${base}`]: [200, aWebhook({ types: ['decision.made'] })],
  [`DELETE ${base}`]: [200, aWebhook()],
  [`POST ${base}/enable`]: [200, aWebhook()],
  [`POST ${base}/disable`]: [
    200,
    aWebhook({ state: 'disabled', disabled: { code: 'webhook.disabled', detail: 'noisy', at } }),
  ],
  [`POST ${base}/rotate-secret`]: [200, withSecret],
  [`POST ${base}/test`]: [202, aDelivery()],
  [`GET ${base}/deliveries`]: [200, aPage(aDelivery())],
  [`GET ${base}/deliveries/${deliveryId}`]: [200, detail],
  [`POST ${base}/deliveries/${deliveryId}/redeliver`]: [202, aDelivery()],
  [`POST ${base}/replay`]: [200, replayed],
}));
const why = ['--reason', 'needed'];
const sent = () => JSON.parse(gateway.asked.at(-1)!.body) as object;

describe('sluice webhooks', () => {
  it('adds one, and prints its secret once', async () => {
    const args = ['--type', 'decision.made', 'request.completed', '--scope', 'team-a'];
    const { code, stdout } = await gateway.sluice(
      'webhooks',
      'add',
      'chat',
      'https://receiver.example/',
      ...args,
    );
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^shown once\n/)]);
    expect(sent()).toEqual({
      name: 'chat',
      url: 'https://receiver.example/',
      scope: 'team-a',
      format: 'standard',
      digest: 'each',
      types: ['decision.made', 'request.completed'],
    });
  });

  it.each([
    [['list'], /chat +all +standard .*enabled +3/],
    [['show', 'chat'], /Webhook chat/],
    [['show', webhookId], /all types, all scopes/],
    [['change', 'chat', ...why, '--type', 'decision.made'], /For: decision\.made/],
    [['disable', 'chat', ...why], /disabled: webhook\.disabled\n.*noisy/s],
    [['enable', 'chat', ...why], /enabled/],
    [['rotate', 'chat', ...why], /^shown once/],
    [['remove', 'chat', ...why], /Removed/],
    [['test', 'chat', ...why], new RegExp(deliveryId)],
    [['deliveries', 'chat', '--state', 'waiting'], /waiting +2 .*answered 500/],
    [['delivery', 'chat', deliveryId], /Try 1 .* 7 ms: The receiver answered 500\.\n {2}oh/],
    [['redeliver', 'chat', deliveryId, ...why], new RegExp(deliveryId)],
    [
      ['replay', 'chat', ...why, '--since', '2026-03-01', '--dry-run'],
      /3 events would be sent, 1 of them again/,
    ],
    [['replay', 'chat', ...why, '--since', '2026-03-01'], /3 events on the way/],
  ])('%j shows what became of it, and obeys no control character', async (args, shown) => {
    const { code, stdout, stderr } = await gateway.sluice('webhooks', ...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(shown);
    expect(stdout).not.toContain('\u001b');
  });

  it('says which webhooks there are when it knows none of the name', async () => {
    const { code, stderr } = await gateway.sluice('webhooks', 'show', 'nothing');
    expect([code, stderr]).toEqual([2, expect.stringContaining('sluice webhooks list')]);
  });

  it.each([
    ['add', 'a', 'https://receiver.example/', '--type', 'no.type'],
    ['replay', 'chat', ...why],
    ['replay', 'chat', ...why, '--since', 'yesterday'],
    ['enable', 'chat'],
  ])('refuses %j %j', async (...args) => {
    expect((await gateway.sluice('webhooks', ...args)).code).toBe(2);
  });
});
