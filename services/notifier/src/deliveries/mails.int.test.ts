import { createMailer } from '@sluice/egress';
import { afterAll, expect, it } from 'vitest';
import { startMailServer } from '../../test/mail-server.ts';
import { mira, testNotifier } from '../../test/notifier-kit.ts';
import { changeWebhook } from '../commands/change-webhook.ts';
import { listDeliveries } from '../commands/questions.ts';
import { redeliver } from '../commands/send-again.ts';

const server = await startMailServer();
const mailer = createMailer({ url: server.url, from: 'Sluice <sluice@example.org>', timeoutMs: 2_000 });
afterAll(() => mailer.close());
const { deps, create, complete, requestEvent, send, pass, clock } = await testNotifier({ mailer });
const to = (name: string) => `mailto:${name}@example.org`;
const mailsTo = (name: string) => server.arrived.filter((mail) => mail.to === `${name}@example.org`);
const deliveriesOf = async (webhookId: string) =>
  (await listDeliveries({ webhookId, state: null, after: null, limit: 100 }, deps)).deliveries;
const createMail = (name: string, more: object = {}) =>
  create('', { url: to(name), format: 'email', types: ['request.completed'], ...more });

it('a message is a mail in plain text, with nothing in its subject but its type', async () => {
  const { webhook, secret } = await createMail('each');
  expect([secret, webhook.url]).toEqual([null, to('each')]);
  const [event] = await complete(requestEvent({ counts: { approve: 3, reject: 1 } }));
  await send();
  const [mail] = mailsTo('each');
  expect(mail!.headers).toMatchObject({
    from: 'Sluice <sluice@example.org>',
    to: 'each@example.org',
    subject: 'Sluice: request completed',
    'auto-submitted': 'auto-generated',
    'list-unsubscribe': '<mailto:sluice@example.org?subject=unsubscribe>',
  });
  expect(mail!.headers['content-type']).toContain('text/plain');
  expect(mail!.text).toContain(event!.data.requestId);
  expect(mail!.text).toContain('3 approve, 1 reject');
  expect(await deliveriesOf(webhook.id)).toMatchObject([{ state: 'delivered', tries: 1 }]);
});

it.each([
  ['hourly', '2026-03-02T10:00:00.000Z'],
  ['daily', '2026-03-03T06:00:00.000Z'],
] as const)('messages of a digest that is %s come together', async (digest, due) => {
  clock.now = new Date('2026-03-02T09:30:00.000Z');
  const { webhook } = await createMail(digest, { digest });
  await complete(requestEvent(), requestEvent());
  pass(60_000);
  await complete(requestEvent());
  await send();
  expect(mailsTo(digest)).toEqual([]);
  expect((await deliveriesOf(webhook.id)).map(({ nextTryAt }) => nextTryAt)).toEqual([due, due, due]);
  clock.now = new Date(due);
  await send();
  expect(mailsTo(digest).map(({ headers }) => headers['subject'])).toEqual(['Sluice: 3 messages']);
});

it('a mail that the server refuses is tried again, and the log has its words', async () => {
  const { webhook } = await createMail('refused');
  server.refuse('451 come back later');
  await complete();
  await send();
  server.refuse(null);
  const [delivery] = await deliveriesOf(webhook.id);
  expect(delivery).toMatchObject({
    state: 'waiting',
    lastError: expect.stringContaining('451 come back later'),
  });
  pass(6_000);
  await send();
  expect(mailsTo('refused')).toHaveLength(1);
  await redeliver({ ...mira, webhookId: webhook.id, deliveryId: delivery!.id }, deps);
  await send();
  const ids = mailsTo('refused').map(({ headers }) => headers['message-id']);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

it.each([
  'mailto:',
  'mailto:a@b@c',
  'mailto:a@example.org,b@example.org',
  'mailto:A <a@example.org>',
  'mailto:a@example.org?cc=b',
  'https://receiver.example/',
  'mailto:a\r\nBcc: b@example.org',
])('refuses %j for a mail', async (url) => {
  await expect(createMail('x', { url })).rejects.toMatchObject({ code: 'webhook.address-refused' });
});

it('a mail needs a server, and a digest needs a mail', async () => {
  Object.assign(deps, { mailer: null });
  await expect(createMail('none')).rejects.toMatchObject({ code: 'mail.unavailable' });
  Object.assign(deps, { mailer });
  await expect(create('/digest', { digest: 'daily' })).rejects.toMatchObject({ code: 'input.invalid' });
  const { webhook } = await createMail('changed');
  const changes = { digest: 'daily' as const };
  expect(await changeWebhook({ ...mira, webhookId: webhook.id, changes }, deps)).toMatchObject(changes);
});
