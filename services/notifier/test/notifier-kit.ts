import { randomBytes } from 'node:crypto';
import { uuidV7, type CreateWebhookInput, type SluiceEvent, type WebhookWithSecret } from '@sluice/contracts';
import type { BatchHandler } from '@sluice/delivery';
import { createSender } from '@sluice/egress';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { afterAll } from 'vitest';
import { createWebhook } from '../src/commands/create-webhook.ts';
import { Dispatcher } from '../src/deliveries/dispatcher.ts';
import type { NotifierDeps } from '../src/deps.ts';
import { onEvents } from '../src/events/record-events.ts';
import { tellRequestCompleted } from '../src/events/tell.ts';
import { openSealing } from '../src/secrets/sealing.ts';
import { notifierMigrations } from '../src/service.ts';
import { startReceiver } from './receiver.ts';

export const mira = { by: 'mira', reason: 'needed' };

/** The notifier's handlers over a real Postgres, with a receiver and a clock that the test moves. Call it at the top level of a test file. */
export async function testNotifier(changed: Partial<NotifierDeps> = {}) {
  const postgres = await testPostgres(notifierMigrations);
  const sql = postgres.connect('notifier');
  const receiver = await startReceiver();
  const clock = { now: new Date('2026-03-02T09:30:00.000Z') };
  const receivers = { allowHosts: [], trustedOrigins: [receiver.origin] };
  // Far beyond an answer on a busy machine; no test waits for it.
  const timeoutMs = 30_000;
  const sender = createSender({
    ...receivers,
    deadlineMs: timeoutMs,
    answerMaxBytes: 4_096,
    perHost: 64,
    userAgent: 'sluice/test',
  });
  afterAll(() => sender.close());
  const deps: NotifierDeps = {
    sql,
    log: createLogger('notifier', 'silent'),
    published: () => {},
    wake: () => {},
    now: () => new Date(clock.now),
    sealing: openSealing([randomBytes(32)]),
    sender,
    mailer: null,
    receivers,
    timeoutMs,
    keepDays: 30,
    chance: () => 0,
    ...changed,
  };
  const dispatcher = new Dispatcher(deps);
  let made = 0;

  const create = (path: string, changes: Partial<CreateWebhookInput> = {}): Promise<WebhookWithSecret> => {
    made += 1;
    const usual = {
      name: `webhook ${made}`,
      scope: null,
      format: 'standard' as const,
      digest: 'each' as const,
      types: [],
    };
    return createWebhook({ ...mira, id: uuidV7(), url: receiver.origin + path, ...usual, ...changes }, deps);
  };
  const received = <Data>(event: SluiceEvent<Data>, sequence = 1) => ({
    event,
    traceparent: undefined,
    sequence,
  });
  /** Hands events to a handler as the broker does. */
  const handle = <Data>(handler: BatchHandler<Data>, ...events: SluiceEvent<Data>[]) =>
    handler(events.map((event, at) => received(event, at + 1)));
  /** A request that ended now. */
  const requestEvent = (data: Parameters<typeof exampleEvent<'request.completed'>>[1] = {}) => ({
    ...exampleEvent('request.completed', { requestId: uuidV7(), counts: { approve: 1 }, ...data }),
    time: clock.now.toISOString(),
  });
  const complete = async (...events: ReturnType<typeof requestEvent>[]) => {
    const told = events.length === 0 ? [requestEvent()] : events;
    await handle(onEvents(tellRequestCompleted, deps), ...told);
    return told;
  };
  /** Sends everything that is due now. */
  const send = async () => {
    await dispatcher.look();
    await dispatcher.idle();
  };
  const pass = (ms: number) => void (clock.now = new Date(clock.now.getTime() + ms));
  return { deps, sql, receiver, clock, create, handle, requestEvent, complete, send, pass, postgres };
}
