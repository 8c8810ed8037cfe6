import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { mira, testNotifier } from '../../test/notifier-kit.ts';
import { resealAll } from '../secrets/reseal.ts';
import { openSealing } from '../secrets/sealing.ts';
import { changeWebhook, removeWebhook, rotateSecret } from './change-webhook.ts';
import { createWebhook } from './create-webhook.ts';
import { findDelivery, findWebhook, listWebhooks } from './questions.ts';
import { redeliver, testWebhook } from './send-again.ts';

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const kit = await testNotifier({ sealing: openSealing([oldKey]) });
const { deps, sql, receiver, create, complete, send } = kit;

const inDatabase = async () => {
  const tables = ['webhooks', 'notifications', 'deliveries', 'tries', 'audit', 'outbox'];
  const rows = await Promise.all(
    tables.map((table) => sql`select ${sql(table)}::text as row from ${sql(table)}`),
  );
  return rows
    .flat()
    .map(({ row }) => String(row))
    .join('\n');
};

describe('an address', () => {
  it.each([
    ['http://receiver.example/', /https/],
    ['https://10.0.0.1/', /: its host has a private address$/],
    ['https://127.0.0.1/', /: its host has a private address$/],
    ['https://169.254.169.254/', /: its host has a private address$/],
    ['https://100.100.100.200/', /: its host has a private address$/],
    ['https://receiver.invalid/', /no address|not allowed/],
    ['https://user:pass@receiver.example/', /user information/],
    ['no address', /./],
  ])('%s is refused when it is saved, with its reason and without itself', async (url, why) => {
    const receivers = { allowHosts: ['*'], resolve: async () => Promise.reject(new Error('ENOTFOUND')) };
    const wish = {
      ...mira,
      id: uuidV7(),
      name: 'refused',
      scope: null,
      format: 'slack' as const,
      digest: 'each' as const,
      types: [],
      url,
    };
    const refusal = createWebhook(wish, { ...deps, receivers });
    await expect(refusal).rejects.toMatchObject({
      code: 'webhook.address-refused',
      message: expect.stringMatching(why),
    });
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining(url) });
  });

  it('whose name has a private address is refused when it is saved', async () => {
    const receivers = { allowHosts: ['*'], resolve: async () => [{ address: '192.168.0.9', family: 4 }] };
    const wish = {
      ...mira,
      id: uuidV7(),
      name: 'inside',
      scope: null,
      format: 'standard' as const,
      digest: 'each' as const,
      types: [],
    };
    await expect(
      createWebhook({ ...wish, url: 'https://receiver.example/' }, { ...deps, receivers }),
    ).rejects.toMatchObject({
      code: 'webhook.address-refused',
      message: 'The address is refused: its host has a private address',
    });
  });
});

it('neither secrets nor what is secret of addresses are in the database or shown, from their making to their removal', async () => {
  const { webhook, secret } = await create('/kept?token=canary-of-a-query');
  expect(webhook.url).toBe(`${receiver.origin}/kept`);
  const changes = { url: `${receiver.origin}/moved?token=canary-of-a-change#canary-of-a-fragment` };
  const changed = await changeWebhook({ ...mira, webhookId: webhook.id, changes }, deps);
  expect(changed.url).toBe(`${receiver.origin}/moved`);
  const chat = await create('/services/T0/B0/canary-of-a-chat', { format: 'slack' });
  expect(chat.secret).toBeNull();
  expect(chat.webhook.url).toBe(`${receiver.origin}/…`);
  const rotated = await rotateSecret({ ...mira, webhookId: webhook.id }, deps);
  await complete();
  await send();
  const shown = JSON.stringify([
    await inDatabase(),
    await listWebhooks({ scopes: null, after: null, limit: 100 }, deps),
    await findWebhook({ webhookId: webhook.id }, deps),
  ]);
  for (const hidden of [secret!, rotated.secret!])
    expect(shown).not.toContain(hidden.replace('whsec_', '').slice(0, 20));
  expect(shown).not.toContain('canary-of-a');
  await removeWebhook({ ...mira, webhookId: chat.webhook.id }, deps);
  expect(await findWebhook({ webhookId: chat.webhook.id }, deps)).toEqual({ webhook: null });
});

it('a webhook that is made again with its id is the same one, without its secret', async () => {
  const id = uuidV7();
  const { secret } = await create('/same', { id, name: 'same' });
  expect(secret).toMatch(/^whsec_/);
  const again = await create('/same', { id, name: 'same' });
  expect([again.webhook.id, again.secret]).toEqual([id, null]);
});

it('two webhooks of one name are refused, and so is a change to it', async () => {
  const { webhook } = await create('/a', { name: 'one' });
  await expect(create('/b', { name: 'one' })).rejects.toMatchObject({ code: 'webhook.name-taken' });
  const other = await create('/b', { name: 'other' });
  const change = (changes: object) => changeWebhook({ ...mira, webhookId: other.webhook.id, changes }, deps);
  await expect(change({ name: 'one' })).rejects.toMatchObject({ code: 'webhook.name-taken' });
  expect(await change({ types: ['decision.made'] })).toMatchObject({
    name: 'other',
    types: ['decision.made'],
  });
  expect(webhook.types).toEqual([]);
});

it('another address gets what waits', async () => {
  const { webhook } = await create('/broken');
  receiver.behave('/broken', { status: 500 });
  await testWebhook({ ...mira, webhookId: webhook.id }, deps);
  await send();
  const changes = { url: `${receiver.origin}/mended` };
  expect(await changeWebhook({ ...mira, webhookId: webhook.id, changes }, deps)).toMatchObject({
    failures: 0,
  });
  kit.pass(6_000);
  await send();
  expect(receiver.at('/mended')).toHaveLength(1);
});

it('what is not there is said to be not there', async () => {
  const { webhook } = await create('/there');
  const nowhere = uuidV7();
  const about = { ...mira, webhookId: nowhere };
  for (const ask of [
    () => removeWebhook(about, deps),
    () => rotateSecret(about, deps),
    () => testWebhook(about, deps),
    () => changeWebhook({ ...about, changes: {} }, deps),
  ])
    await expect(ask()).rejects.toMatchObject({ code: 'webhook.not-found' });
  for (const ask of [
    () => findDelivery({ webhookId: webhook.id, deliveryId: nowhere }, deps),
    () => redeliver({ ...mira, webhookId: webhook.id, deliveryId: nowhere }, deps),
  ])
    await expect(ask()).rejects.toMatchObject({ code: 'delivery.not-found' });
});

it('without a key no webhook is made', async () => {
  const wish = {
    ...mira,
    id: uuidV7(),
    name: 'none',
    scope: null,
    format: 'standard' as const,
    digest: 'each' as const,
    types: [],
  };
  await expect(
    createWebhook({ ...wish, url: receiver.origin }, { ...deps, sealing: null }),
  ).rejects.toMatchObject({ code: 'webhook.unavailable' });
});

it('another key seals everything anew, and the one before can be taken out then', async () => {
  const { webhook, secret } = await create('/resealed');
  await rotateSecret({ ...mira, webhookId: webhook.id }, deps);
  await expect(resealAll(sql, openSealing([newKey]))).rejects.toMatchObject({ code: 'webhook.sealed' });
  expect(await resealAll(sql, openSealing([newKey, oldKey]))).toBeGreaterThan(0);
  expect(await resealAll(sql, openSealing([newKey]))).toBe(0);
  Object.assign(deps, { sealing: openSealing([newKey]) });
  await testWebhook({ ...mira, webhookId: webhook.id }, deps);
  await send();
  expect(receiver.at('/resealed')).toHaveLength(1);
  expect(receiver.at('/resealed')[0]!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  expect(secret).toMatch(/^whsec_/);
});

it('a message whose address cannot be read waits, and says why', async () => {
  const { webhook } = await create('/unreadable');
  const { delivery } = await testWebhook({ ...mira, webhookId: webhook.id }, deps);
  await sql`update webhooks set sealed_url = sealed_secret where id = ${webhook.id}`;
  await send();
  expect(await findDelivery({ webhookId: webhook.id, deliveryId: delivery.id }, deps)).toMatchObject({
    state: 'waiting',
    lastError: expect.stringContaining('webhook.sealed'),
  });
});
