import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@sluice/testkit/fakes';
import { secondsOf, type Row } from '../row.ts';
import { feed } from './kills.ts';

/** A message that a dead notifier held is due again after its lease: 45 s and the time of a try. */
const barMs = 60_000;
const killMeanMs = 4_000;

/** A receiver that keeps the subjects and ids of the messages that it took. */
async function startReceiver() {
  const subjects = new Set<string>();
  let messages = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      messages += 1;
      // A twentieth is refused, so that some messages wait for another try when the notifier dies.
      if (messages % 20 === 0) return void response.writeHead(500).end();
      subjects.add((JSON.parse(Buffer.concat(chunks).toString()) as { subject: string }).subject);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin, subjects, messages: () => messages, close };
}

let receiver: Awaited<ReturnType<typeof startReceiver>>;

/** Row 38: the notifier dies at random while it tells a receiver of requests. Other faults of receivers need a clock that is moved. */
export const notifierKilled: Row = {
  number: 38,
  name: 'kill -9 of the notifier at random: each request is told of at least once',
  world: {
    async prepare() {
      receiver = await startReceiver();
      const env = { WEBHOOK_HOSTS: receiver.origin, WEBHOOK_TIMEOUT_SECONDS: '2' };
      return { env, close: () => receiver.close() };
    },
  },
  async inject(world) {
    const durationMs = world.full ? 120_000 : 30_000;
    await world.load.addWebhook(receiver.origin, ['request.completed']);
    const until = Date.now() + durationMs;
    const waves = feed(world, until);
    let kills = 0;
    for (;;) {
      const waitMs = 500 + world.random.exponential(killMeanMs);
      if (Date.now() + waitMs > until) break;
      await delay(waitMs);
      await world.signal('notifier', 'SIGKILL');
      kills += 1;
    }
    await delay(Math.max(0, until - Date.now()));
    await waves;
    const since = Date.now();
    const untold = () => world.load.acknowledged.filter(({ requestId }) => !receiver.subjects.has(requestId));
    await waitFor(async () => untold().length === 0, {
      what: 'each request to be told of',
      timeoutMs: 180_000,
    }).catch(() => {});
    const missing = untold();
    return {
      what: `${kills} kills in ${secondsOf(durationMs)} s, ${receiver.messages()} messages about ${receiver.subjects.size} requests`,
      recovery: { measuredMs: Date.now() - since, barMs, what: 'all told after the kills' },
      problems: [
        ...(kills === 0 ? ['the notifier was not killed'] : []),
        ...missing.slice(0, 3).map(({ requestId }) => `request ${requestId} was not told of`),
      ],
    };
  },
};
