import { waitFor } from '@sluice/testkit';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { mira, testNotifier } from '../../test/notifier-kit.ts';
import { rotateSecret, steerWebhook } from '../commands/change-webhook.ts';
import { findDelivery, findWebhook, listDeliveries } from '../commands/questions.ts';
import { redeliver, replayWebhook, testWebhook } from '../commands/send-again.ts';
import { claimDeliveries } from './claim.ts';
import { Dispatcher } from './dispatcher.ts';
import { purgeOld } from './purge.ts';
import { settle } from './settle.ts';

const kit = await testNotifier();
const { deps, receiver, clock, create, complete, requestEvent, send, pass, sql } = kit;
const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
const deliveriesOf = async (webhookId: string) =>
  (await listDeliveries({ webhookId, state: null, after: null, limit: 1_000 }, deps)).deliveries;
const webhookOf = async (webhookId: string) => (await findWebhook({ webhookId }, deps)).webhook!;
const idsOf = (path: string) => receiver.at(path).map(({ headers }) => headers['webhook-id']);

/** Signatures carry the clock of the test; the reference library compares with the real one. */
function verify(secret: string, { headers, body }: { headers: object; body: string }): unknown {
  const own = new Webhook(secret);
  const { 'webhook-id': id, 'webhook-timestamp': at } = headers as Record<string, string>;
  const expected = own.sign(id!, new Date(Number(at) * 1_000), body);
  const signatures = (headers as Record<string, string>)['webhook-signature']!.split(' ');
  expect(signatures).toContain(expected);
  return JSON.parse(body);
}

describe('a message', () => {
  it('reaches each enabled webhook that is for it, signed, and once', async () => {
    const { webhook, secret } = await create('/all');
    await create('/decisions', { types: ['decision.made'] });
    await create('/team', { scope: 'team-a' });
    const [event] = await complete(requestEvent({ counts: { approve: 2, review: 1 } }));
    await complete(event!);
    await send();
    const told = receiver.at('/all').map((arrived) => verify(secret!, arrived) as Record<string, unknown>);
    expect(new Set(told.map(({ type }) => type))).toEqual(
      new Set(['request.completed', 'request.needs-review']),
    );
    expect(told.find(({ type }) => type === 'request.needs-review')).toMatchObject({
      specversion: '1.0',
      subject: event!.data.requestId,
      sequence: '0000000000000001',
      data: { reviewCount: 1, scope: 'default', links: { request: `/v1/requests/${event!.data.requestId}` } },
    });
    expect(receiver.at('/decisions')).toEqual([]);
    expect(receiver.at('/team')).toEqual([]);
    expect((await deliveriesOf(webhook.id)).map(({ state, tries }) => [state, tries])).toEqual([
      ['delivered', 1],
      ['delivered', 1],
    ]);
    expect(await webhookOf(webhook.id)).toMatchObject({ failures: 0, waiting: 0, state: 'enabled' });
  });

  it('of another scope, or from before a webhook was armed, is not sent to it', async () => {
    const old = requestEvent();
    pass(minute);
    const { webhook } = await create('/armed', { scope: 'team-a' });
    await complete(old, { ...requestEvent({ scope: 'team-a' }), time: old.time }, requestEvent());
    await send();
    expect(await deliveriesOf(webhook.id)).toEqual([]);
    await complete(requestEvent({ scope: 'team-a' }));
    await send();
    expect(receiver.at('/armed')).toHaveLength(1);
  });

  it('is not sent again by a stream that is read again, also when what was told is forgotten', async () => {
    const { webhook } = await create('/rebuilt');
    const [event] = await complete();
    await send();
    await complete(event!);
    pass(31 * day);
    expect(await purgeOld(deps)).toBeGreaterThan(0);
    expect(await deliveriesOf(webhook.id)).toEqual([]);
    await complete(event!);
    await send();
    expect(receiver.at('/rebuilt')).toHaveLength(1);
  });

  it('is signed anew at each try, with the same id', async () => {
    const { secret } = await create('/twice');
    receiver.behave('/twice', (count) => ({ status: count === 1 ? 500 : 200 }));
    await complete();
    await send();
    pass(6 * second);
    await send();
    const [first, then] = receiver.at('/twice');
    expect(then!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(Number(then!.headers['webhook-timestamp']) - Number(first!.headers['webhook-timestamp'])).toBe(6);
    for (const arrived of [first!, then!]) verify(secret!, arrived);
  });

  it('for a chat has no signature and no markup of strangers', async () => {
    await create('/chat', { format: 'slack' });
    await complete();
    await send();
    const { headers, body } = receiver.at('/chat')[0]!;
    expect(Object.keys(headers).filter((name) => name.startsWith('webhook-'))).toEqual([]);
    expect(JSON.parse(body)).toMatchObject({ text: expect.stringContaining('Request ') });
  });
});

describe('a receiver that', () => {
  it('is away a day has everything once it is back, and others have theirs meanwhile', async () => {
    const { webhook } = await create('/away');
    await create('/here');
    let isAway = true;
    receiver.behave('/away', () => ({ status: isAway ? 502 : 200 }));
    const events = Array.from({ length: 12 }, () => requestEvent());
    await complete(...events);
    await send();
    expect(receiver.at('/here')).toHaveLength(12);
    for (let passed = 0; passed < 24; passed += 1) {
      pass(hour);
      await send();
    }
    const whileAway = receiver.at('/away').length;
    // A few at once at first, then one every five minutes at most.
    expect(whileAway).toBeLessThan(40);
    isAway = false;
    for (let passed = 0; passed < 26; passed += 1) {
      pass(hour);
      await send();
    }
    expect(new Set(idsOf('/away')).size).toBe(12);
    expect((await deliveriesOf(webhook.id)).map(({ state }) => state)).toEqual(Array(12).fill('delivered'));
    expect(await webhookOf(webhook.id)).toMatchObject({ failures: 0, failingSince: null });
  });

  it('hangs holds up nobody', async () => {
    await create('/hangs');
    await create('/answers');
    receiver.behave('/hangs', 'hang');
    await complete(...Array.from({ length: 10 }, () => requestEvent()));
    const { webhook } = await create('/later');
    await testWebhook({ ...mira, webhookId: webhook.id }, deps);
    const sending = send();
    await waitFor(async () => receiver.at('/answers').length === 10 && receiver.at('/later').length === 1, {
      what: 'the others to have their messages',
    });
    await waitFor(async () => receiver.at('/hangs').length > 0);
    expect(receiver.at('/hangs').length).toBeLessThanOrEqual(4);
    receiver.behave('/hangs', { status: 500 });
    receiver.breakHung();
    await sending;
    expect(receiver.at('/hangs').length).toBeLessThan(10);
  });

  it('fails always is given up after ten tries over three days, message by message', async () => {
    const { webhook } = await create('/broken');
    receiver.behave('/broken', { status: 500, body: 'x'.repeat(10_000) });
    await complete();
    const began = clock.now.getTime();
    for (let tries = 0; tries < 10; tries += 1) {
      await send();
      const [delivery] = await deliveriesOf(webhook.id);
      if (delivery!.nextTryAt !== null)
        clock.now = new Date(Math.max(Date.parse(delivery!.nextTryAt), clock.now.getTime() + 5 * minute));
    }
    const [delivery] = await deliveriesOf(webhook.id);
    expect(delivery).toMatchObject({ state: 'failed', tries: 10, lastStatus: 500, nextTryAt: null });
    expect(clock.now.getTime() - began).toBeGreaterThanOrEqual(3 * day);
    const { log } = await findDelivery({ webhookId: webhook.id, deliveryId: delivery!.id }, deps);
    expect(log.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(log[0]).toMatchObject({ status: 500, response: 'x'.repeat(4_096) });
    receiver.behave('/broken', { status: 200 });
    pass(hour);
    await redeliver({ ...mira, webhookId: webhook.id, deliveryId: delivery!.id }, deps);
    await send();
    expect((await deliveriesOf(webhook.id))[0]).toMatchObject({ state: 'delivered', tries: 11 });
    expect(new Set(idsOf('/broken')).size).toBe(1);
  });

  it('failed for five days is disabled, with an entry in the audit', async () => {
    const { webhook } = await create('/gone-bad');
    receiver.behave('/gone-bad', { status: 500 });
    for (let passed = 0; passed < 6; passed += 1) {
      await complete();
      await send();
      pass(day);
    }
    expect(await webhookOf(webhook.id)).toMatchObject({
      state: 'disabled',
      disabled: { code: 'webhook.failing' },
    });
    const before = receiver.at('/gone-bad').length;
    await complete();
    await send();
    expect(receiver.at('/gone-bad')).toHaveLength(before);
    const audit =
      await sql`select actor, action from audit where subject = ${webhook.id} order by id desc limit 1`;
    expect(audit).toMatchObject([{ actor: 'sluice', action: 'disable-webhook' }]);
  });

  it('answers 410 is disabled at once', async () => {
    const { webhook } = await create('/gone');
    receiver.behave('/gone', { status: 410 });
    await complete(...Array.from({ length: 20 }, () => requestEvent()));
    await send();
    expect(receiver.at('/gone').length).toBeLessThanOrEqual(4);
    expect(await webhookOf(webhook.id)).toMatchObject({ disabled: { code: 'webhook.gone' } });
  });

  it('redirects is not followed', async () => {
    const { webhook } = await create('/moved');
    receiver.behave('/moved', { status: 307, headers: { location: `${receiver.origin}/elsewhere` } });
    await complete();
    await send();
    expect(receiver.at('/elsewhere')).toEqual([]);
    expect((await deliveriesOf(webhook.id))[0]).toMatchObject({ state: 'waiting', lastStatus: 307 });
  });

  it('asks for time is left alone until then, for a day at most', async () => {
    const { webhook } = await create('/full');
    receiver.behave('/full', (count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '7200' } } : { status: 200 },
    );
    await complete();
    await send();
    pass(hour);
    await complete();
    await send();
    expect(receiver.at('/full')).toHaveLength(1);
    expect(await webhookOf(webhook.id)).toMatchObject({ pausedUntil: expect.any(String), waiting: 2 });
    pass(hour + second);
    await send();
    expect(receiver.at('/full')).toHaveLength(3);
    receiver.behave('/full', { status: 503, headers: { 'retry-after': '999999999' } });
    await complete();
    await send();
    const { pausedUntil } = await webhookOf(webhook.id);
    expect(Date.parse(pausedUntil!) - clock.now.getTime()).toBe(day);
  });
});

describe('a notifier that', () => {
  it('dies while it sends leaves its messages to another one, when its lease has ended', async () => {
    const { webhook } = await create('/dies');
    await complete();
    const claim = await claimDeliveries(webhook.id, 60 * second, deps);
    expect(claim!.deliveries).toHaveLength(1);
    await send();
    expect(receiver.at('/dies')).toEqual([]);
    pass(61 * second);
    await send();
    expect(receiver.at('/dies')).toHaveLength(1);
    const outcome = {
      at: clock.now,
      durationMs: 1,
      status: 500,
      error: 'late',
      response: '',
      isDelivered: false,
      isGone: true,
      retryAfterMs: null,
    };
    await settle(claim!, [{ delivery: claim!.deliveries[0]!, outcome }], [], deps);
    expect((await deliveriesOf(webhook.id))[0]).toMatchObject({ state: 'delivered', tries: 1 });
    expect(await webhookOf(webhook.id)).toMatchObject({ state: 'enabled', failures: 0 });
  });

  it('works beside another one sends nothing twice', async () => {
    await create('/shared');
    await complete(...Array.from({ length: 300 }, () => requestEvent()));
    const dispatchers = [new Dispatcher(deps), new Dispatcher(deps), new Dispatcher(deps)];
    await Promise.all(dispatchers.map((one) => one.look()));
    await Promise.all(dispatchers.map((one) => one.idle()));
    await send();
    expect(receiver.at('/shared')).toHaveLength(300);
    expect(new Set(idsOf('/shared')).size).toBe(300);
  });

  it('stops waits for what is under way, and leaves the rest for later', async () => {
    await create('/stopped');
    await complete(...Array.from({ length: 50 }, () => requestEvent()));
    const dispatcher = new Dispatcher(deps);
    await dispatcher.look();
    await dispatcher.stop();
    await send();
    expect(new Set(idsOf('/stopped')).size).toBe(50);
    expect(idsOf('/stopped')).toHaveLength(50);
  });
});

describe('sent again', () => {
  it('events of a time come to a webhook that was not there then, counted before', async () => {
    pass(second);
    const since = clock.now.toISOString();
    await complete(requestEvent({ counts: { review: 1 } }), requestEvent({ scope: 'team-a' }));
    pass(second);
    const { webhook } = await create('/replayed', { scope: 'default', types: ['request.completed'] });
    const input = { ...mira, webhookId: webhook.id, since, until: null, types: [] };
    expect(await replayWebhook({ ...input, dryRun: true }, deps)).toMatchObject({ events: 1, repeated: 0 });
    await send();
    expect(receiver.at('/replayed')).toEqual([]);
    expect(await replayWebhook({ ...input, dryRun: false }, deps)).toMatchObject({ events: 1 });
    await send();
    await replayWebhook({ ...input, dryRun: false }, deps);
    await send();
    expect(new Set(idsOf('/replayed')).size).toBe(1);
    expect(receiver.at('/replayed')).toHaveLength(2);
  });

  it('a webhook that was disabled has what waited and not what occurred meanwhile, which is replayed', async () => {
    const { webhook } = await create('/paused');
    const about = { ...mira, webhookId: webhook.id };
    await complete();
    await steerWebhook({ ...about, action: 'disable' }, deps);
    const since = clock.now.toISOString();
    pass(minute);
    await complete();
    await send();
    expect(receiver.at('/paused')).toEqual([]);
    const replay = () => replayWebhook({ ...about, since, until: null, types: [], dryRun: false }, deps);
    for (const ask of [() => testWebhook(about, deps), replay])
      await expect(ask()).rejects.toMatchObject({ code: 'webhook.disabled' });
    pass(minute);
    await steerWebhook({ ...about, action: 'enable' }, deps);
    await send();
    expect(receiver.at('/paused')).toHaveLength(1);
    expect(await replay()).toMatchObject({ events: 2, repeated: 1 });
  });
});

it('a secret that was replaced signs beside the new one for a day', async () => {
  const { webhook, secret: old } = await create('/rotated');
  const about = { ...mira, webhookId: webhook.id };
  const { secret: next, webhook: shown } = await rotateSecret(about, deps);
  expect(Date.parse(shown.previousSecretUntil!) - clock.now.getTime()).toBe(day);
  await testWebhook(about, deps);
  await send();
  pass(day + second);
  await testWebhook(about, deps);
  await send();
  const [during, after] = receiver.at('/rotated');
  for (const secret of [next!, old!]) verify(secret, during!);
  expect(during!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  verify(next!, after!);
  expect(() => verify(old!, after!)).toThrow();
});
