import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { requestCompleted, makeEvent, uuidV7 } from '@sluice/contracts';
import { createSender } from '@sluice/egress';
import {
  createWebhook,
  Dispatcher,
  notifierMigrations,
  onEvents,
  openSealing,
  tellRequestCompleted,
  type NotifierDeps,
} from '@sluice/notifier';
import { createPostgres, migrate } from '@sluice/postgres';
import { createLogger } from '@sluice/runtime';
import { startPostgres } from '@sluice/servers';
import type { Bench, Result } from '../bench.ts';
import { withScratch } from '../scratch.ts';

const receiverFile = fileURLToPath(new URL('../webhook-receiver.js', import.meta.url));
const webhookCount = 10;
/** Events that the notifier is handed at once, as its consumer does. */
const batchMax = 200;

/** A notifier with many messages to send, and one receiver among ten that hangs. */
export const webhooks: Bench = {
  name: 'webhooks',
  what: '100,000 messages of one notifier to ten webhooks, and the same while one of the receivers hangs',
  async run({ quick, turns, say }) {
    const events = quick ? 1_000 : 10_000;
    const results: Result[] = [
      { what: 'messages recorded', samples: [], unit: ' messages/s' },
      { what: 'messages delivered', samples: [], unit: ' messages/s' },
      { what: 'messages delivered, one receiver of eleven hangs', samples: [], unit: ' messages/s' },
    ];
    for (let turn = 0; turn < turns; turn += 1) {
      for (const hangs of [false, true]) {
        const { recorded, delivered } = await measure(events, hangs);
        say(
          `  ${hangs ? 'one hangs' : 'all answer'}: ${Math.round(recorded)}/s recorded, ${Math.round(delivered)}/s delivered`,
        );
        if (!hangs) results[0]!.samples.push(recorded);
        results[hangs ? 2 : 1]!.samples.push(delivered);
      }
    }
    return results;
  },
};

function measure(eventCount: number, hangs: boolean): Promise<{ recorded: number; delivered: number }> {
  return withScratch(async ({ folder, records, onClose }) => {
    const postgres = await startPostgres({ folder: path.join(folder, 'postgres'), records });
    onClose(() => postgres.stop());
    const sql = createPostgres({ url: postgres.url, service: 'bench', schema: 'notifier', pool: 6 });
    onClose(() => sql.end({ timeout: 2 }));
    for (const { schema, folder: migrations } of notifierMigrations)
      await migrate(sql, { schema, folder: migrations });
    const receiver = fork(receiverFile);
    onClose(async () => void receiver.kill());
    const [port] = (await once(receiver, 'message')) as [number];
    const origin = `http://127.0.0.1:${port}`;
    const deps = depsOf(sql, origin);
    onClose(() => deps.sender.close());
    const paths = Array.from({ length: webhookCount }, (_, index) => `/${index}`);
    for (const at of hangs ? [...paths, '/hangs'] : paths) await addWebhook(origin + at, deps);
    const started = performance.now();
    const record = onEvents(tellRequestCompleted, deps);
    for (let done = 0; done < eventCount; done += batchMax) await record(batchOf(batchMax));
    const recordedMs = performance.now() - started;
    const total = eventCount * webhookCount;
    const sending = performance.now();
    const dispatcher = new Dispatcher(deps);
    while ((await takenBy(receiver)) < total) {
      await dispatcher.look();
      await delay(50);
    }
    const sentMs = performance.now() - sending;
    await dispatcher.stop();
    const [left] = await sql<{ count: number }[]>`
      select count(*)::int as count from deliveries d join webhooks w on w.id = d.webhook_id
      where d.state <> 'delivered' and w.shown_url not like '%/hangs'`;
    if (left!.count > 0) throw new Error(`${left!.count} messages were sent and not written down.`);
    const messages = eventCount * (webhookCount + (hangs ? 1 : 0));
    return { recorded: (messages / recordedMs) * 1_000, delivered: (total / sentMs) * 1_000 };
  });
}

function depsOf(sql: NotifierDeps['sql'], origin: string): NotifierDeps {
  const receivers = { allowHosts: [], trustedOrigins: [origin] };
  const timeoutMs = 15_000;
  const limits = { deadlineMs: timeoutMs, answerMaxBytes: 4_096, perHost: 64, userAgent: 'sluice/bench' };
  return {
    sql,
    log: createLogger('bench', 'silent'),
    published: () => {},
    wake: () => {},
    now: () => new Date(),
    sealing: openSealing([randomBytes(32)]),
    mailer: null,
    sender: createSender({ ...receivers, ...limits }),
    receivers,
    timeoutMs,
    keepDays: 30,
    chance: Math.random,
  };
}

async function addWebhook(url: string, deps: NotifierDeps): Promise<void> {
  const wish = {
    id: uuidV7(),
    name: url,
    url,
    scope: null,
    format: 'standard' as const,
    digest: 'each' as const,
    types: [],
  };
  await createWebhook({ ...wish, by: 'bench', reason: 'measured' }, deps);
}

function batchOf(count: number) {
  return Array.from({ length: count }, () => {
    const requestId = randomUUID();
    const time = new Date();
    const counts = { approve: 200 };
    const data = {
      requestId,
      lane: 'bulk' as const,
      scope: 'default',
      round: 1,
      counts,
      completedAt: time.toISOString(),
    };
    const event = makeEvent(requestCompleted, {
      id: randomUUID(),
      source: 'bench',
      subject: requestId,
      time,
      data,
    });
    return { event, traceparent: undefined, sequence: 1 };
  });
}

async function takenBy(receiver: ChildProcess): Promise<number> {
  receiver.send('count');
  const [taken] = (await once(receiver, 'message')) as [number];
  return taken;
}
