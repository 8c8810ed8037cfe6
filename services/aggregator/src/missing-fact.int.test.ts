import { uuidV7 } from '@sluice/contracts';
import { connectBus, ensureConsumer, ensureTopology, eventsStream, publish, type Bus } from '@sluice/broker';
import { toMessage } from '@sluice/delivery';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEvidence } from './on-evidence.ts';
import { reconcile } from './reconcile.ts';
import { aggregatorMigrations } from './service.ts';
import { testDeps } from '../test/aggregator-kit.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const log = createLogger('test', 'silent');
let bus: Bus;
let now = new Date('2026-03-01T09:30:00Z');
const deps = testDeps(sql, { now: () => now });

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
});
afterAll(() => bus.close());

const assessmentId = uuidV7();
const about = { assessmentId, purl: 'pkg:npm/gap@1.0.0', lane: 'bulk' as const, attempt: 1 };

/** A stage that has done all its work: its consumer has settled everything that was for it. */
async function workedThrough(durable: string, type: 'pkg.requested' | 'pkg.licensed'): Promise<void> {
  await ensureConsumer(bus, {
    durable,
    filterSubject: `${type}.bulk`,
    ackWaitMs: 30_000,
    maxAckPending: 100,
  });
  await publish(bus, toMessage(exampleEvent(type, about), { lane: 'bulk' }));
  const message = await (await bus.js.consumers.get(eventsStream, durable)).next({ expires: 5_000 });
  await message!.ackAck();
}

it('an assessment whose fact never reached the aggregator is driven through the stages again', async () => {
  await sql`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    values (${assessmentId}, ${about.purl}, 'bulk', ${`00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`}, ${now},
      ${new Date(now.getTime() + 60_000)})`;
  await workedThrough('license-bulk', 'pkg.requested');
  await workedThrough('downloader-bulk', 'pkg.licensed');
  // The fact of the license stage ended as a dead letter; those after it came, far up in the stream.
  const received = { traceparent: undefined, sequence: 900 };
  const downloaded = exampleEvent('pkg.downloaded', about);
  await onEvidence(deps)([{ ...received, event: downloaded }]);
  const scanned = exampleEvent('pkg.scanned', about);
  await onEvidence(deps)([{ ...received, event: scanned }]);
  now = new Date(now.getTime() + 61_000);
  expect(await reconcile(bus, deps)).toEqual({ redriven: 1, failed: 0 });
  const [row] = await sql`select attempt, stage from assessments where id = ${assessmentId}`;
  expect(row).toEqual({ attempt: 2, stage: 'license' });
});
