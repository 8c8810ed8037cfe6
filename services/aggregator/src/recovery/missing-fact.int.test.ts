import { uuidV7 } from '@sluice/contracts';
import { connectBus, ensureTopology, eventsStream, publish, type Bus } from '@sluice/broker';
import { toMessage } from '@sluice/delivery';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEvidence } from '../assessments/on-evidence.ts';
import { reconcile } from './reconcile.ts';
import { aggregatorMigrations } from '../service.ts';
import { ensureStageConsumers, testDeps } from '../../test/aggregator-kit.ts';

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
  await ensureStageConsumers(bus);
});
afterAll(() => bus.close());

const assessmentId = uuidV7();
const about = { assessmentId, purl: 'pkg:npm/gap@1.0.0', lane: 'bulk' as const, attempt: 1 };

/** Publishes an event about the assessment, which waits for its consumer then. */
const arrives = (type: 'pkg.requested' | 'pkg.licensed' | 'pkg.downloaded' | 'pkg.scanned') =>
  publish(bus, toMessage(exampleEvent(type, about), { lane: 'bulk' }));
/** The consumer settles its next message. */
async function settles(durable: string): Promise<void> {
  const message = await (await bus.js.consumers.get(eventsStream, durable)).next({ expires: 5_000 });
  await message!.ackAck();
}

it('an assessment whose fact never reached the aggregator is driven through the stages again', async () => {
  await sql`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    values (${assessmentId}, ${about.purl}, 'bulk', ${`00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`}, ${now},
      ${new Date(now.getTime() + 60_000)})`;
  await arrives('pkg.requested');
  await settles('license-bulk');
  await arrives('pkg.licensed');
  await settles('downloader-bulk');
  await arrives('pkg.downloaded');
  await settles('scanner-bulk');
  await arrives('pkg.scanned');
  now = new Date(now.getTime() + 61_000);
  expect(await reconcile(bus, deps)).toEqual({ redriven: 0, failed: 0 });
  // The fact of the last stage ended as a dead letter.
  await settles('aggregator-pkg-scanned-bulk');
  now = new Date(now.getTime() + 61_000);
  expect(await reconcile(bus, deps)).toEqual({ redriven: 1, failed: 0 });
  const [row] = await sql`select attempt, stage from assessments where id = ${assessmentId}`;
  expect(row).toEqual({ attempt: 2, stage: 'license' });
});

it('a last fact of version 1, which has no evidence of the stages before, drives it again at once', async () => {
  const { evidence, ...data } = exampleEvent('pkg.scanned', { ...about, attempt: 2 }).data;
  const event = {
    ...exampleEvent('pkg.scanned', about),
    data: { ...data, evidence: { scan: evidence.scan } },
  };
  await onEvidence(deps)([{ traceparent: undefined, sequence: 901, event }]);
  const [row] = await sql`select attempt, state, stage from assessments where id = ${assessmentId}`;
  expect(row).toEqual({ attempt: 3, state: 'running', stage: 'license' });
});
