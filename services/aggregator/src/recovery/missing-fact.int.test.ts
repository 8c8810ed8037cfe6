import { uuidV7 } from '@sluice/contracts';
import { connectBus, ensureConsumer, ensureTopology, eventsStream, publish, type Bus } from '@sluice/broker';
import { toMessage } from '@sluice/delivery';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEvidence } from '../assessments/on-evidence.ts';
import { reconcile } from './reconcile.ts';
import { aggregatorMigrations } from '../service.ts';
import { testDeps } from '../../test/aggregator-kit.ts';

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
async function workedThrough(
  durable: string,
  type: 'pkg.requested' | 'pkg.licensed' | 'pkg.downloaded',
): Promise<void> {
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
  await workedThrough('scanner-bulk', 'pkg.downloaded');
  // The fact of the last stage ended as a dead letter.
  const sequence = (await bus.jsm.streams.info(eventsStream)).state.last_seq;
  const downloaded = exampleEvent('pkg.downloaded', about);
  await onEvidence(deps)([{ traceparent: undefined, sequence, event: downloaded }]);
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
