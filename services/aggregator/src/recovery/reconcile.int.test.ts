import { uuidV7 } from '@sluice/contracts';
import { connectBus, ensureTopology, eventsStream, type Bus } from '@sluice/broker';
import { startOutboxRelay, addToOutbox } from '@sluice/delivery';
import { createLogger, startTelemetry } from '@sluice/runtime';
import { testNats, testPostgres, testService, waitFor } from '@sluice/testkit';
import { register } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requestedFact } from '../facts/package-facts.ts';
import { reconcile } from './reconcile.ts';
import { aggregatorMigrations } from '../service.ts';
import { ensureStageConsumers, testDeps } from '../../test/aggregator-kit.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const log = createLogger('test', 'silent');
const telemetry = startTelemetry('test', {});
afterAll(() => telemetry.stop());
let bus: Bus;
let now = new Date('2026-03-01T09:30:00Z');
const stageDeadlineMs = 60_000;
const deps = testDeps(sql, { tracer: telemetry.tracer, now: () => now, stageDeadlineMs });

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
  await ensureStageConsumers(bus);
});
afterAll(() => bus.close());

const id = uuidV7();
const traceparent = `00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`;
const about = { id, purl: 'pkg:npm/late@1.0.0', lane: 'bulk' as const, attempt: 1, traceparent };
const state = async () => {
  const [row] =
    await sql`select state, attempt, failure ->> 'code' as code from assessments where id = ${id}`;
  return row;
};
const counted = async (name: string) => {
  const metrics = await register.getMetricsAsJSON();
  return metrics.find((metric) => metric.name === name)?.values[0]?.value;
};
/** Everything up to its deadline and a moment more. */
function passDeadline(): void {
  now = new Date(now.getTime() + stageDeadlineMs + 1);
}
/** The outbox is published, as the aggregator does it. */
async function relayOutbox(): Promise<void> {
  const service = testService();
  startOutboxRelay(bus, sql, 'aggregator', service);
  await waitFor(async () => (await sql`select 1 from outbox_waiting`).length === 0);
  await service.stop();
}
/** The stage takes what there is and acks it, and no fact comes of it. */
async function loseWork(): Promise<void> {
  const consumer = await bus.js.consumers.get(eventsStream, 'license-bulk');
  const message = await consumer.next({ expires: 5_000 });
  await message!.ackAck();
}

it('late work is driven again when it was lost, not while it waits, and fails as stuck after the cap', async () => {
  await sql`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    values (${id}, ${about.purl}, 'bulk', ${traceparent}, ${now}, ${new Date(now.getTime() + stageDeadlineMs)})`;
  await sql.begin((tx) => addToOutbox(tx, [requestedFact(about, now, now)]));
  expect(await reconcile(bus, deps)).toEqual({ redriven: 0, failed: 0 });

  for (const attempt of [1, 2, 3]) {
    // The broker takes nothing: the request for work waits in the outbox.
    passDeadline();
    expect(await reconcile(bus, deps)).toEqual({ redriven: 0, failed: 0 });
    // The stage has more before it than it can do in the time, or is away.
    await relayOutbox();
    for (let deadlines = 0; deadlines < 5; deadlines += 1) {
      passDeadline();
      expect(await reconcile(bus, deps)).toEqual({ redriven: 0, failed: 0 });
    }
    expect(await state()).toEqual({ state: 'running', attempt, code: null });
    await loseWork();
    passDeadline();
    const last = attempt === 3;
    expect(await reconcile(bus, deps)).toEqual({ redriven: last ? 0 : 1, failed: last ? 1 : 0 });
  }

  expect(await state()).toEqual({ state: 'failed', attempt: 3, code: 'stuck' });
  const [told] =
    await sql`select subject, payload::jsonb -> 'data' ->> 'code' as code from outbox order by position desc`;
  expect(told).toEqual({ subject: 'pkg.failed.bulk', code: 'stuck' });
  expect(await counted('sluice_assessments_redriven_total')).toBe(2);
  expect(await counted('sluice_assessments_stuck_total')).toBe(1);
  passDeadline();
  expect(await reconcile(bus, deps)).toEqual({ redriven: 0, failed: 0 });
});
