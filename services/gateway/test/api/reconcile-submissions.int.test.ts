import { decodeEnvelope, knownRequestsCommand } from '@sluice/contracts';
import { eventsStream, serveCommand } from '@sluice/broker';
import { startOutboxRelay, type OutboxRelay } from '@sluice/delivery';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { testService, waitFor, type TestService } from '@sluice/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testGateway } from '../gateway-kit.ts';
import { reconcileSubmissions } from '../../src/submissions/reconcile-submissions.ts';

const { app, deps } = await testGateway();
const { own, bus, log } = deps;
let service: TestService;
let relay: OutboxRelay;
const reconcile = () => reconcileSubmissions({ ...deps, published: relay.notify });

/** What the aggregator knows; each question about it is kept. */
let known: string[] = [];
let asked: string[][] = [];
serveCommand(
  bus,
  knownRequestsCommand,
  async ({ requestIds }) => {
    asked.push(requestIds);
    return { known: requestIds.filter((id) => known.includes(id)) };
  },
  log,
);
beforeEach(async () => {
  [known, asked] = [[], []];
  await own`truncate submissions, outbox, outbox_waiting`;
  await bus.jsm.streams.purge(eventsStream);
  service = testService();
  relay = startOutboxRelay(bus, own, 'gateway', service);
});
afterEach(() => service.stop());

/** Submits, waits for the message to be published, and makes the submission a minute old. */
async function submitted(): Promise<string> {
  const response = await app.request('/v1/requests', {
    method: 'POST',
    body: packageLock(3, [{ name: 'a', version: '1.0.0' }]),
    headers: { 'content-type': 'application/json' },
  });
  const { id } = (await response.json()) as { id: string };
  relay.notify();
  await waitFor(async () => (await stored()).includes(id));
  await own`update submissions set submitted_at = submitted_at - interval '1 minute' where id = ${id}`;
  await waitFor(async () => (await own`select from outbox_waiting`).length === 0);
  return id;
}

/** Requests whose events are in the stream, in its order. */
async function stored(): Promise<string[]> {
  const found: string[] = [];
  for (let seq = 1; ;) {
    const message = await bus.jsm.direct.getMessage(eventsStream, {
      seq,
      next_by_subj: 'request.submitted.interactive',
    });
    if (!message) return found;
    found.push(decodeEnvelope(message.data).subject);
    seq = message.seq + 1;
  }
}

it('publishes a submission again that the aggregator does not know, and that the broker lost', async () => {
  const lost = await submitted();
  const takenIn = await submitted();
  known = [takenIn];
  await bus.jsm.streams.purge(eventsStream);
  expect(await reconcile()).toBe(1);
  await waitFor(async () => (await stored()).includes(lost));
  expect(await stored()).toEqual([lost]);
});

it('publishes one again whose message the outbox no longer has', async () => {
  const lost = await submitted();
  await own`truncate outbox`;
  await bus.jsm.streams.purge(eventsStream);
  expect(await reconcile()).toBe(1);
  await waitFor(async () => (await stored()).includes(lost));
});

it('stores no second copy of a message that still waits at the broker', async () => {
  const slow = await submitted();
  expect(await reconcile()).toBe(1);
  await waitFor(async () => (await own`select from outbox_waiting`).length === 0);
  expect(await stored()).toEqual([slow]);
});

it('leaves submissions alone that wait in the outbox', async () => {
  const id = await submitted();
  await service.stop();
  await own`insert into outbox_waiting select position from outbox`;
  const before = await own`select position from outbox_waiting`;
  expect(await reconcile()).toBe(0);
  expect(asked).toEqual([[id]]);
  expect(await own`select position from outbox_waiting`).toEqual(before);
});

it('asks about a submission until it is taken in, and not when it is new', async () => {
  const id = await submitted();
  known = [id];
  await own`update submissions set submitted_at = now()`;
  await reconcile();
  expect(asked).toEqual([]);
  await own`update submissions set submitted_at = now() - interval '1 minute'`;
  await reconcile();
  await reconcile();
  expect(asked).toEqual([[id]]);
});
